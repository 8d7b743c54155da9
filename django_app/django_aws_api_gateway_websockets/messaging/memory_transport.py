import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from .contract import (
    MOST_CONNECTIONS,
    Deliveries,
    Delivery,
    Outcome,
    Recipient,
    Request,
)
from .pace import Pace
from .schedule import Schedule

UNLIMITED = Pace(0)


@dataclass(frozen=True, slots=True)
class Post:
    """One message that was posted, whatever came of it."""

    callback_url: str
    connection_id: str
    data: bytes
    outcome: Outcome

    @property
    def message(self) -> Any:
        return json.loads(self.data)


class MemoryTransport:
    """Sends nothing and remembers everything: for tests. Pauses take no time here."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.clear()

    def clear(self) -> None:
        self.posts: list[Post] = []
        self.hung_up: list[str] = []
        self.answers: dict[str, list[Outcome]] = {}

    def answer(self, connection_id: str, *outcomes: Outcome) -> None:
        """From now on calls end like this, one after the other; the last one stays."""
        self.answers[connection_id] = list(outcomes)

    def messages_to(self, connection_id: str) -> list[Any]:
        """What this client has got, in order."""
        return [
            post.message
            for post in self.posts
            if post.connection_id == connection_id and post.outcome is Outcome.SENT
        ]

    def perform(
        self,
        recipients: Iterable[Recipient],
        requests: Sequence[Request],
        *,
        seconds: float,
        connections: int = MOST_CONNECTIONS,
    ) -> Deliveries:
        deadline = time.monotonic() + seconds
        schedule = Schedule(
            recipients, steps=len(requests), deadline=deadline, pace=UNLIMITED
        )
        skipped = 0.0
        while not schedule.is_over:
            schedule.advance(time.monotonic() + skipped)
            for callback_url in list(schedule.ready):
                self.call_all(schedule, callback_url, requests, skipped)
            while schedule.told:
                yield schedule.told.popleft()
            # No call is under way by now.
            skipped += max(0, schedule.wake_at - time.monotonic() - skipped)

    def call_all(
        self,
        schedule: Schedule,
        callback_url: str,
        requests: Sequence[Request],
        skipped: float,
    ) -> None:
        """Make the calls that are ready for this endpoint."""
        while call := schedule.take(callback_url, time.monotonic() + skipped):
            delivery = self.call(call.recipient, requests[call.step])
            schedule.settle(call, delivery, time.monotonic() + skipped)

    def call(self, recipient: Recipient, request: Request) -> Delivery:
        with self.lock:
            delivery = self.next_delivery(recipient.connection_id)
            if request.method == "POST":
                self.posts.append(
                    Post(
                        recipient.callback_url,
                        recipient.connection_id,
                        request.body,
                        delivery.outcome,
                    )
                )
            elif delivery.outcome is Outcome.SENT:
                self.hung_up.append(recipient.connection_id)
                self.answer(recipient.connection_id, Outcome.GONE)
        return delivery

    def next_delivery(self, connection_id: str) -> Delivery:
        outcomes = self.answers.get(connection_id, [Outcome.SENT])
        outcome = outcomes.pop(0) if len(outcomes) > 1 else outcomes[0]
        if outcome is Outcome.SENT:
            return Delivery(outcome)
        return Delivery(outcome, "told to", may_pass=outcome is Outcome.THROTTLED)
