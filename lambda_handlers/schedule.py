"""An event of EventBridge Scheduler becomes a clean-up.

Whatever stands in the event, the clean-up is the same, and nothing is lost by one more.
"""

import logging
import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django_aws_api_gateway_websockets.cleanup import clean_up  # noqa: E402

from .database_connections import checked_connections  # noqa: E402

logger = logging.getLogger(__name__)


def handler(event: Any, context: Any) -> dict[str, int]:
    with checked_connections():
        counts = clean_up()
    logger.info("Cleaned up: %s", counts)
    return counts
