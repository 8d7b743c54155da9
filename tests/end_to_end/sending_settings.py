"""The demo's settings with a view that tells what its function does to send."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "tests.end_to_end.sending_urls"
