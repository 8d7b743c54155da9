"""An event of EventBridge Scheduler becomes a clean-up.

Whatever stands in the event, the clean-up is the same, and nothing is lost by one more.
"""

import logging
from typing import Any

from config import django_setup  # noqa: F401 - before models can be imported
from django_aws_api_gateway_websockets.cleanup import clean_up

from .database_connections import checked_connections

logger = logging.getLogger(__name__)


def handler(event: Any, context: Any) -> dict[str, int]:
    with checked_connections():
        counts = clean_up()
    logger.info("Cleaned up: %s", counts)
    return counts
