"""The site's settings with other URLs, and with limits that no measurement reaches."""

import os

from config.settings import *  # noqa: F403
from config.settings import WEBSOCKETS

ROOT_URLCONF = os.environ["MEASURED_URLS"]
MOST = 1_000_000
WEBSOCKETS |= {
    "message_rate_limit_per_minute": MOST,
    "rate_limit_max_attempts": MOST,
    "token_rate_limit_per_minute": MOST,
}
