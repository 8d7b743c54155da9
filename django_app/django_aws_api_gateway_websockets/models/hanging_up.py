"""The last words to clients, and the end of their connections."""

import logging
from collections.abc import Sequence

from django_aws_api_gateway_websockets.messaging import frames
from django_aws_api_gateway_websockets.messaging.contract import (
    HANG_UP,
    Recipient,
    Request,
)
from django_aws_api_gateway_websockets.messaging.encoding import encode
from django_aws_api_gateway_websockets.messaging.transports import current_transport

from .closed_reasons import ClosedReason
from .sending import MAY_BE_THERE

logger = logging.getLogger("django_aws_api_gateway_websockets.models")

# Who logs out waits for it, and a gateway waits 29 seconds for an answer.
LONGEST_HANG_UP = 10.0  # seconds


def hang_up(
    recipients: Sequence[Recipient], reason: ClosedReason, *, reconnect: bool
) -> None:
    """Say goodbye and hang up. The rows are closed, and stay so: what fails is logged."""
    goodbye = Request("POST", encode(frames.goodbye(reason.value, reconnect=reconnect)))
    late = 0
    for recipient, delivery in current_transport().perform(
        recipients, [goodbye, HANG_UP], seconds=LONGEST_HANG_UP
    ):
        if delivery.is_too_late:
            late += 1
        elif delivery.outcome in MAY_BE_THERE:
            logger.warning(
                "Connection %s is closed (%s) and could not be hung up on: %s",
                recipient.connection_id,
                reason.value,
                delivery.reason,
            )
    if late:
        logger.warning(
            "%s more connections are closed (%s) and were not hung up on: "
            "the gateway took longer than %s seconds",
            late,
            reason.value,
            LONGEST_HANG_UP,
        )
