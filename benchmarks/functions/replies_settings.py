"""The site's settings, with a view whose handlers do nothing but answer."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "replies_urls"
