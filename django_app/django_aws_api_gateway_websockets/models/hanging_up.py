"""The last words to clients, and the end of their connections."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django_aws_api_gateway_websockets.messaging import frames
from django_aws_api_gateway_websockets.messaging.contract import (
    HANG_UP,
    Delivery,
    Outcome,
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


@dataclass
class HungUp:
    """What came of sessions that were closed, and of hanging up on their clients."""

    closed: int
    is_deferred: bool
    """They are hung up on when the transaction commits; what fails then is logged."""

    failures: Counter[str] = field(default_factory=Counter)
    """Why clients may still be connected, and how many for each reason."""


def hang_up(
    recipients: Sequence[Recipient], reason: ClosedReason, *, reconnect: bool
) -> Counter[str]:
    """Say goodbye and hang up; returns why clients may still be connected.

    The rows are closed, and stay so: what fails is logged, and never raised.
    """
    goodbye = Request("POST", encode(frames.goodbye(reason.value, reconnect=reconnect)))
    failures: Counter[str] = Counter()
    rest = len(recipients)
    try:
        for recipient, delivery in current_transport().perform(
            recipients, [goodbye, HANG_UP], seconds=LONGEST_HANG_UP
        ):
            rest -= 1
            failures.update(failures_of(delivery))
            if delivery.outcome in MAY_BE_THERE and not delivery.is_too_late:
                logger.warning(
                    "Connection %s is closed (%s) and could not be hung up on: %s",
                    recipient.connection_id,
                    reason.value,
                    delivery.reason,
                )
    except Exception as error:
        failures[str(error) or type(error).__name__] += rest
        logger.exception(
            "%s connections are closed (%s) and were not hung up on", rest, reason.value
        )
    if late := failures[too_slow()]:
        logger.warning(
            "%s more connections are closed (%s) and were not hung up on: %s",
            late,
            reason.value,
            too_slow(),
        )
    return failures


def failures_of(delivery: Delivery) -> list[str]:
    """Why this client may still be connected; empty if it is not."""
    if delivery.is_too_late:
        return [too_slow()]
    if delivery.outcome is Outcome.CONNECTING:
        return ["its handshake was not through yet"]
    return [delivery.reason] if delivery.outcome in MAY_BE_THERE else []


def too_slow() -> str:
    return f"the gateway took longer than {LONGEST_HANG_UP} seconds"
