"""Connections that are open and have nothing to do, kept from one broadcast to the next."""

import os
from collections import defaultdict
from threading import Lock

from django_aws_api_gateway_websockets.messaging.contract import MOST_CONNECTIONS

from .connection import Connection
from .endpoints import Endpoint

MOST_IDLE = (
    2 * MOST_CONNECTIONS
)  # to all endpoints; a process may open some 1,000 files


class Pool:
    """Whoever takes a connection has it alone, until it is given back."""

    def __init__(self) -> None:
        self.forget()
        os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        """In a new process: its parent goes on with those that there were."""
        self.lock = Lock()
        self.idle: dict[tuple[bool, str, int], list[Connection]] = defaultdict(list)

    def take(self, endpoint: Endpoint) -> Connection | None:
        """One that is still open: the last one used, which is the least likely to close."""
        while True:
            with self.lock:
                idle = self.idle.get(endpoint.origin)
                if not idle:
                    return None
                connection = idle.pop()
                if not idle:
                    del self.idle[endpoint.origin]
            if not connection.is_stale():
                return connection
            connection.close()

    def give_back(self, endpoint: Endpoint, connection: Connection) -> None:
        """Where there are too many, the oldest is closed."""
        with self.lock:
            idle = self.idle[endpoint.origin]
            idle.append(connection)
            if len(idle) > MOST_CONNECTIONS:
                surplus = idle.pop(0)
            elif sum(map(len, self.idle.values())) > MOST_IDLE:
                surplus = self.pop_oldest()
            else:
                return
        surplus.close()

    def pop_oldest(self) -> Connection:
        origin = min(self.idle, key=lambda each: self.idle[each][0].since)
        oldest = self.idle[origin].pop(0)
        if not self.idle[origin]:
            del self.idle[origin]
        return oldest

    def close(self) -> None:
        with self.lock:
            connections = [each for idle in self.idle.values() for each in idle]
            self.idle.clear()
        for connection in connections:
            connection.close()
