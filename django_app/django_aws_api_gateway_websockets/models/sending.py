"""When a message goes out, and which of its recipients have really gone."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from django.db import connections, transaction
from django.utils.asyncio import async_unsafe

from django_aws_api_gateway_websockets.exceptions import SendFailed
from django_aws_api_gateway_websockets.messaging.broadcast import (
    BroadcastResult,
    Recipient,
    post_to_each,
)
from django_aws_api_gateway_websockets.messaging.contract import Delivery, Outcome

logger = logging.getLogger("django_aws_api_gateway_websockets.models")

T = TypeVar("T")

PAUSE_FOR_HANDSHAKES = 0.25  # seconds


class Deferred:
    """The message is written and goes out when the transaction commits."""

    def __repr__(self) -> str:
        return "DEFERRED"


DEFERRED: Final = Deferred()


@async_unsafe("Sending waits for the gateway: await sync_to_async(…send_message)(…)")
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
    recipients: Sequence[Recipient], data: bytes, *, max_workers: int = 1
) -> list[tuple[Recipient, Delivery]]:
    """Post to each; those that may be in their handshake get a second chance.

    Until its handshake is through, the gateway calls a connection gone.
    """
    deliveries = post_to_each(recipients, data, max_workers=max_workers)
    again = [
        index
        for index, delivery in enumerate(deliveries)
        if delivery.outcome is Outcome.GONE and recipients[index].may_be_connecting
    ]
    if again:
        time.sleep(PAUSE_FOR_HANDSHAKES)
        second = post_to_each(
            [recipients[index] for index in again], data, max_workers=max_workers
        )
        for index, delivery in zip(again, second, strict=True):
            deliveries[index] = delivery
    return list(zip(recipients, deliveries, strict=True))


def sessions_that_left(outcomes: Sequence[tuple[Recipient, Delivery]]) -> list[int]:
    return [
        recipient.session
        for recipient, delivery in outcomes
        if delivery.outcome is Outcome.GONE and not recipient.may_be_connecting
    ]
