"""One message to many: each gets it once, and every outcome is kept."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from .contract import Delivery, Outcome
from .transports import current_transport

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Plain values of one session, so that threads need no database."""

    session: int
    connection_id: str
    callback_url: str
    may_be_connecting: bool
    """Its handshake may still be going on: then the gateway calls it gone."""

    fault: str = ""
    """Why nothing can be posted at all, such as a gateway without an address."""

    @property
    def refusal(self) -> Delivery | None:
        """What comes of any call, if none can be made."""
        return Delivery(Outcome.FAILED, reason=self.fault) if self.fault else None


class Failure(NamedTuple):
    connection_id: str
    reason: str


class BroadcastResult(list[dict[str, Any]]):
    """The gateway's responses to what was sent, and the count of all the rest."""

    def __init__(self, outcomes: Sequence[tuple[Recipient, Delivery]]) -> None:
        super().__init__(
            delivery.response or {}
            for _, delivery in outcomes
            if delivery.outcome is Outcome.SENT
        )
        self.sent = len(self)
        self.gone = self.connecting = self.throttled = self.failed = 0
        self.failures: list[Failure] = []
        for recipient, delivery in outcomes:
            self.tally(recipient, delivery)

    def tally(self, recipient: Recipient, delivery: Delivery) -> None:
        match delivery.outcome:
            case Outcome.SENT:
                return
            case Outcome.GONE if recipient.may_be_connecting:
                self.connecting += 1
                return
            case Outcome.GONE:
                self.gone += 1
                return
            case Outcome.THROTTLED:
                self.throttled += 1
            case Outcome.FAILED:
                self.failed += 1
        self.failures.append(Failure(recipient.connection_id, delivery.reason))

    def __str__(self) -> str:
        return (
            f"{self.sent} sent, {self.gone} gone, {self.connecting} connecting, "
            f"{self.throttled} throttled, {self.failed} failed"
        )


def post_to_each(
    recipients: Sequence[Recipient], data: bytes, *, max_workers: int
) -> list[Delivery]:
    """The deliveries in the order of the recipients."""
    transport = current_transport()

    def post(recipient: Recipient) -> Delivery:
        return recipient.refusal or transport.post(
            recipient.callback_url, recipient.connection_id, data
        )

    return call_for_each(recipients, post, max_workers=max_workers)


def hang_up_on(recipient: Recipient) -> Delivery:
    return recipient.refusal or current_transport().hang_up(
        recipient.callback_url, recipient.connection_id
    )


def call_for_each(
    recipients: Sequence[Recipient], call: Callable[[Recipient], T], *, max_workers: int
) -> list[T]:
    """What came of each call, in the order of the recipients."""
    if len(recipients) < 2:
        return [call(recipient) for recipient in recipients]
    current_transport()  # made before there are threads that would each make one
    with ThreadPoolExecutor(min(max_workers, len(recipients))) as threads:
        return list(threads.map(call, recipients))
