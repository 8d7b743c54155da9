import json
import time
from collections.abc import Callable, Iterable, Sequence
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
from .turns import outcomes_of, schedule_for

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
        schedule = schedule_for(recipients, requests, seconds=seconds, pace=UNLIMITED)
        return outcomes_of(schedule, Rehearsal(schedule, requests, self.call))

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
        return Delivery(outcome, "told to", is_transient=outcome is Outcome.THROTTLED)


class Rehearsal:
    """Makes each call in no time, and skips the pauses."""

    def __init__(
        self,
        schedule: Schedule,
        requests: Sequence[Request],
        call: Callable[[Recipient, Request], Delivery],
    ) -> None:
        self.schedule = schedule
        self.requests = requests
        self.call = call
        self.skipped = 0.0  # seconds

    def now(self) -> float:
        return time.monotonic() + self.skipped

    def make_calls(self) -> None:
        for callback_url in list(self.schedule.ready):
            while call := self.schedule.take(callback_url, self.now()):
                delivery = self.call(call.recipient, self.requests[call.step])
                self.schedule.settle(call, delivery, self.now())

    def wait(self) -> None:
        # No call is under way by now.
        self.skipped += max(0, self.schedule.wake_at - self.now())

    def leave(self) -> None:
        """Nothing is left behind."""
