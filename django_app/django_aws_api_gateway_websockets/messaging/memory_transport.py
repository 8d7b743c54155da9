import json
from dataclasses import dataclass
from threading import Lock
from typing import Any

from .contract import Delivery, Outcome


@dataclass(frozen=True, slots=True)
class Post:
    """One call of `post`, whatever came of it."""

    callback_url: str
    connection_id: str
    data: bytes
    outcome: Outcome

    @property
    def message(self) -> Any:
        return json.loads(self.data)


class MemoryTransport:
    """Sends nothing and remembers everything: for tests."""

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

    def post(self, callback_url: str, connection_id: str, data: bytes) -> Delivery:
        with self.lock:
            delivery = self.next_delivery(connection_id)
            self.posts.append(Post(callback_url, connection_id, data, delivery.outcome))
        return delivery

    def hang_up(self, callback_url: str, connection_id: str) -> Delivery:
        with self.lock:
            delivery = self.next_delivery(connection_id)
            self.hung_up.append(connection_id)
            self.answer(connection_id, Outcome.GONE)
        return delivery

    def next_delivery(self, connection_id: str) -> Delivery:
        outcomes = self.answers.get(connection_id, [Outcome.SENT])
        outcome = outcomes.pop(0) if len(outcomes) > 1 else outcomes[0]
        if outcome is Outcome.SENT:
            return Delivery(outcome, response={"ResponseMetadata": {}})
        return Delivery(outcome, reason="told to")
