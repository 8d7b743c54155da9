"""The last words to clients, and the end of their connections."""

import logging
import time
from collections.abc import Sequence

from django_aws_api_gateway_websockets.messaging import frames
from django_aws_api_gateway_websockets.messaging.broadcast import (
    Recipient,
    call_for_each,
    hang_up_on,
)
from django_aws_api_gateway_websockets.messaging.contract import Delivery, Outcome
from django_aws_api_gateway_websockets.messaging.encoding import encode

from .closed_reasons import ClosedReason
from .sending import deliver

logger = logging.getLogger("django_aws_api_gateway_websockets.models")

MAX_WORKERS = 10
# Who logs out waits for it, and a gateway waits 29 seconds for an answer. Calls that are
# under way by then take seven more at most: that is when they time out.
LONGEST_HANG_UP = 10.0  # seconds


def hang_up(
    recipients: Sequence[Recipient], reason: ClosedReason, *, reconnect: bool
) -> None:
    """Say goodbye and hang up. The rows are closed, and stay so: what fails is logged."""
    goodbye = encode(frames.goodbye(reason.value, reconnect=reconnect))
    deadline = time.monotonic() + LONGEST_HANG_UP

    def end(recipient: Recipient) -> Delivery | None:
        """None if there was no time left."""
        # Together, so that by the deadline all but a few either have both or neither.
        if time.monotonic() >= deadline:
            return None
        [(_, said)] = deliver([recipient], goodbye)
        if said.outcome is Outcome.GONE:
            return said
        return hang_up_on(recipient) if time.monotonic() < deadline else None

    ended = call_for_each(recipients, end, max_workers=MAX_WORKERS)
    log_failures(recipients, ended, reason)


def log_failures(
    recipients: Sequence[Recipient],
    deliveries: Sequence[Delivery | None],
    reason: ClosedReason,
) -> None:
    for recipient, delivery in zip(recipients, deliveries, strict=True):
        if delivery and delivery.outcome in {Outcome.THROTTLED, Outcome.FAILED}:
            logger.warning(
                "Connection %s is closed (%s) and could not be hung up on: %s",
                recipient.connection_id,
                reason.value,
                delivery.reason,
            )
    if late := deliveries.count(None):
        logger.warning(
            "%s more connections are closed (%s) and were not hung up on: "
            "the gateway took longer than %s seconds",
            late,
            reason.value,
            LONGEST_HANG_UP,
        )
