"""Connections that are open and have nothing to do, kept from one broadcast to the next."""

import os
from collections import defaultdict
from threading import Lock

from django_aws_api_gateway_websockets.messaging.contract import MOST_CONNECTIONS

from .connection import Connection
from .endpoints import Endpoint


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
            if not connection.is_stale():
                return connection
            connection.close()

    def give_back(self, endpoint: Endpoint, connection: Connection) -> None:
        with self.lock:
            idle = self.idle[endpoint.origin]
            if len(idle) < MOST_CONNECTIONS:
                idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        with self.lock:
            connections = [each for idle in self.idle.values() for each in idle]
            self.idle.clear()
        for connection in connections:
            connection.close()
