"""When a message goes out, and what is done about those who have gone."""

import logging
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import TYPE_CHECKING, Final, TypeVar

from django.db import connections, transaction
from django.utils.asyncio import async_unsafe

from django_aws_api_gateway_websockets.exceptions import SendFailed
from django_aws_api_gateway_websockets.messaging.broadcast import BroadcastResult
from django_aws_api_gateway_websockets.messaging.contract import (
    MOST_CONNECTIONS,
    Deliveries,
    Outcome,
    Recipient,
    Request,
)
from django_aws_api_gateway_websockets.messaging.transports import current_transport

from .batches import ROWS_AT_ONCE

if TYPE_CHECKING:
    from .session_queryset import WebSocketSessionQuerySet

logger = logging.getLogger("django_aws_api_gateway_websockets.models")

T = TypeVar("T")

# Whoever sends in a handler has an integration behind it that waits for 29 seconds.
LONGEST_MESSAGE = 10.0  # seconds
LONGEST_BROADCAST = 25.0  # seconds


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
        return send()

    def send_and_log() -> None:
        try:
            result = send()
        except SendFailed as error:
            logger.warning("A message deferred to the commit failed: %s", error)
        else:
            log_failures(result)

    # Robust: what fails after the commit must not stop the other callbacks.
    transaction.on_commit(send_and_log, using=using, robust=True)
    return DEFERRED


def log_failures(result: object) -> None:
    if isinstance(result, BroadcastResult) and result.failures:
        logger.warning("A broadcast deferred to the commit failed in part: %s", result)


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


def deliver_and_close(
    rows: "WebSocketSessionQuerySet",
    recipients: Iterable[Recipient],
    data: bytes,
    *,
    seconds: float,
    connections: int = MOST_CONNECTIONS,
) -> Deliveries:
    """Deliver, and close the sessions of those who have gone, in batches."""
    gone: list[int] = []
    outcomes = deliver(recipients, data, seconds=seconds, connections=connections)
    try:
        with closing(outcomes):
            for recipient, delivery in outcomes:
                if delivery.outcome is Outcome.GONE:
                    gone.append(recipient.session)
                yield recipient, delivery
                if len(gone) >= ROWS_AT_ONCE:
                    rows.close_as_gone(gone)
                    gone.clear()
    finally:  # also where whoever asked for it has had enough
        rows.close_as_gone(gone)
