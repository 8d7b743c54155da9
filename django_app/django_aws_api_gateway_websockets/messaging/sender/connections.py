"""The connections to one endpoint in one broadcast, and which of them are free."""

import os
from selectors import BaseSelector
from typing import Any

from .connection import Connection, State
from .endpoints import Endpoint
from .pool import Pool


class Connections:
    def __init__(
        self,
        endpoint: Endpoint,
        *,
        most: int,
        pool: Pool,
        selector: BaseSelector,
        watched_for: Any,
    ) -> None:
        """Whoever selects learns from `watched_for` whose connection has something to do."""
        self.endpoint = endpoint
        self.most = most
        self.pool = pool
        self.selector = selector
        self.watched_for = watched_for
        self.process = os.getpid()
        self.all: set[Connection] = set()
        self.free: list[Connection] = []

    @property
    def has_room(self) -> bool:
        return len(self.all) < self.most

    @property
    def is_any_open(self) -> bool:
        return any(connection.is_open for connection in self.all)

    @property
    def is_anything_watched(self) -> bool:
        """Is there a connection to whatever endpoint, which may have something to do?"""
        return bool(self.selector.get_map())

    def take_kept(self) -> Connection | None:
        """One that an earlier broadcast has left open."""
        if not self.has_room:
            return None
        connection = self.pool.take(self.endpoint)
        if connection is not None:
            self.add(connection)
        return connection

    def add(self, connection: Connection) -> None:
        self.all.add(connection)
        connection.watched = connection.wants
        self.selector.register(connection, connection.wants, self.watched_for)

    def watch(self, connection: Connection) -> None:
        """Wait for what the connection wants by now."""
        if connection.watched != connection.wants and connection in self.all:
            connection.watched = connection.wants
            self.selector.modify(connection, connection.wants, self.watched_for)

    def close(self, connection: Connection) -> None:
        self.all.discard(connection)
        if connection in self.free:
            self.free.remove(connection)
        self.selector.unregister(connection)
        connection.close()

    def leave(self) -> None:
        """At the end: those that are free are kept for the next broadcast."""
        # In a process that was made meanwhile they are those of its parent.
        are_ours = self.process == os.getpid()
        for connection in self.all:
            if are_ours and connection.state is State.IDLE:
                self.pool.give_back(self.endpoint, connection)
            else:
                connection.close()
