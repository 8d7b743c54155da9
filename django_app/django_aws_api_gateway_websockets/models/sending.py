"""When a message goes out, and what is said of those who did not get it."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from django.db import connections, transaction
from django.utils.asyncio import async_unsafe

from django_aws_api_gateway_websockets.exceptions import WebSocketError
from django_aws_api_gateway_websockets.messaging.broadcast import BroadcastResult
from django_aws_api_gateway_websockets.messaging.contract import (
    MOST_CONNECTIONS,
    Deliveries,
    Outcome,
    Recipient,
    Request,
)
from django_aws_api_gateway_websockets.messaging.transports import current_transport

logger = logging.getLogger("django_aws_api_gateway_websockets.models")

T = TypeVar("T")

# Whoever sends in a handler has an integration behind it that waits for 29 seconds.
LONGEST_MESSAGE = 10.0  # seconds
LONGEST_BROADCAST = 25.0  # seconds

MAY_BE_THERE = frozenset({Outcome.THROTTLED, Outcome.FAILED})  # and did not get it
MOST_REASONS = 5  # in a line of the log


class Deferred:
    """The message is written and goes out when the transaction commits."""

    def __repr__(self) -> str:
        return "DEFERRED"


DEFERRED: Final = Deferred()


refused_in_event_loop = async_unsafe(
    "Sending waits for the gateway: await …asend_message(…)"
)


def send_when_committed(send: Callable[[], T], *, using: str) -> T | Deferred:
    """Send now, or after the transaction: a client never hears what did not happen."""
    if not connections[using].in_atomic_block:
        result = send()
        log_failures(result)
        return result

    def send_and_log() -> None:
        try:
            log_failures(send())
        except WebSocketError as error:
            logger.warning("After the commit, a message failed: %s", error)

    # Robust: what fails after the commit must not stop the other callbacks.
    transaction.on_commit(send_and_log, using=using, robust=True)
    return DEFERRED


def log_failures(result: object) -> None:
    if isinstance(result, BroadcastResult) and result.reasons:
        logger.warning(
            "Not everybody got a message: %s", in_a_line(str(result), result.reasons)
        )


def in_a_line(counts: str, reasons: Counter[str]) -> str:
    """The counts, and the reasons that were the most frequent."""
    frequent = reasons.most_common(MOST_REASONS)
    return "; ".join([counts, *(f"{count} x {reason}" for reason, count in frequent)])


def deliver(
    recipients: Iterable[Recipient],
    data: bytes,
    *,
    seconds: float,
    connections: int = MOST_CONNECTIONS,
) -> Deliveries:
    """What came of each recipient, as soon as it is known."""
    return current_transport().perform(
        recipients, [Request("POST", data)], seconds=seconds, connections=connections
    )
