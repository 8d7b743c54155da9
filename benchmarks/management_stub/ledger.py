"""What a stub has been asked and has answered, and what that has cost it."""

import time
from collections import Counter
from http import HTTPStatus
from typing import Any


class Ledger:
    """Counts calls by id and by status, and the connections that are open at once.

    CPU and seconds run from the first connection's beginning to the last one's end.
    """

    def __init__(self) -> None:
        self.called: set[bytes] = set()
        self.taken: dict[bytes, int] = {}
        self.statuses: Counter[int] = Counter()
        self.open = self.most_open = 0
        self.began: tuple[float, float] | None = None
        self.cpu = self.seconds = 0.0

    def opened(self) -> None:
        if self.began is None:
            self.began = time.process_time(), time.monotonic()
        self.open += 1
        self.most_open = max(self.most_open, self.open)

    def closed(self) -> None:
        self.open -= 1
        if self.began:
            cpu, clock = self.began
            self.cpu = time.process_time() - cpu
            self.seconds = time.monotonic() - clock

    def is_first_call(self, connection_id: bytes) -> bool:
        if connection_id in self.called:
            return False
        self.called.add(connection_id)
        return True

    def answered(self, connection_id: bytes, status: int) -> None:
        self.statuses[status] += 1
        if status == HTTPStatus.OK:
            self.taken[connection_id] = self.taken.get(connection_id, 0) + 1

    def report(self) -> dict[str, Any]:
        """`taken` tells how many ids were answered with 200 once, twice, …"""
        return {
            "cpu": self.cpu,
            "seconds": self.seconds,
            "most_connections": self.most_open,
            "statuses": dict(self.statuses),
            "taken": dict(Counter(self.taken.values())),
        }
