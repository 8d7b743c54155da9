"""The last words to clients, and the end of their connections."""

import logging
from collections.abc import Sequence

from django_aws_api_gateway_websockets.messaging import frames
from django_aws_api_gateway_websockets.messaging.broadcast import (
    Recipient,
    hang_up_on_each,
)
from django_aws_api_gateway_websockets.messaging.contract import Delivery, Outcome
from django_aws_api_gateway_websockets.messaging.encoding import encode

from .closed_reasons import ClosedReason
from .sending import deliver

logger = logging.getLogger("django_aws_api_gateway_websockets.models")

MAX_WORKERS = 10


def hang_up(
    recipients: Sequence[Recipient], reason: ClosedReason, *, reconnect: bool
) -> None:
    """Say goodbye and hang up. The rows are closed, and stay so: what fails is logged."""
    goodbye = encode(frames.goodbye(reason.value, reconnect=reconnect))
    said = deliver(recipients, goodbye, max_workers=MAX_WORKERS)
    reached = [who for who, delivery in said if delivery.outcome is not Outcome.GONE]
    log_failures(reached, hang_up_on_each(reached, max_workers=MAX_WORKERS), reason)


def log_failures(
    recipients: Sequence[Recipient],
    deliveries: Sequence[Delivery],
    reason: ClosedReason,
) -> None:
    for recipient, delivery in zip(recipients, deliveries, strict=True):
        if delivery.outcome in {Outcome.THROTTLED, Outcome.FAILED}:
            logger.warning(
                "Connection %s is closed (%s) and could not be hung up on: %s",
                recipient.connection_id,
                reason.value,
                delivery.reason,
            )
