"""All connections in one thread: requests come in, answers go out when they are due."""

import select
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import IO, Any, NamedTuple

from .answers import ANSWERS
from .connection import NOBODY, Connection
from .faults import DROPPED, Faults
from .ledger import Ledger


class Due(NamedTuple):
    """A status that a connection gets at a time."""

    at: float
    connection: Connection
    connection_id: bytes
    status: int


class Stub:
    """Bare epoll and no thread, so that its client is what reaches its limit first."""

    def __init__(
        self,
        listener: socket.socket,
        context: ssl.SSLContext,
        *,
        latency: float,
        faults: Faults,
    ) -> None:
        self.listener = listener
        self.context = context
        self.latency = latency
        self.faults = faults
        self.ledger = Ledger()
        self.epoll = select.epoll()
        self.handlers: dict[int, Callable[[], None]] = {}
        # The latency is the same for all: the first to come is the first due.
        self.due: deque[Due] = deque()
        self.is_serving = True

    def serve(self, until: IO[Any]) -> None:
        """Serve until this file ends."""
        self.listener.setblocking(False)
        self.watch(self.listener.fileno(), self.accept)
        self.watch(until.fileno(), self.stop)
        while self.is_serving:
            for file in self.files_with_news():
                self.handlers[file]()
            self.answer_what_is_due()

    def watch(self, file: int, handler: Callable[[], None]) -> None:
        self.epoll.register(file, select.EPOLLIN)
        self.handlers[file] = handler

    def files_with_news(self) -> list[int]:
        # epoll's own patience counts in milliseconds: too coarse for a latency.
        patience = max(0.0, self.due[0].at - time.monotonic()) if self.due else None
        select.select([self.epoll], [], [], patience)
        return [file for file, _ in self.epoll.poll(0)]

    def stop(self) -> None:
        self.is_serving = False

    def accept(self) -> None:
        try:
            plain, _ = self.listener.accept()
        except OSError:  # it has left already
            return
        plain.setblocking(False)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        secure = self.context.wrap_socket(
            plain, server_side=True, do_handshake_on_connect=False
        )
        connection = Connection(secure)
        self.watch(secure.fileno(), partial(self.read, connection))
        self.ledger.opened()

    def read(self, connection: Connection) -> None:
        at = time.monotonic() + self.latency
        for connection_id in connection.arrived():
            status = self.status_for(connection_id)
            self.due.append(Due(at, connection, connection_id, status))
        if not connection.is_open:
            self.close(connection)

    def status_for(self, connection_id: bytes) -> int:
        if connection_id == NOBODY:
            return HTTPStatus.FORBIDDEN
        is_first_call = self.ledger.is_first_call(connection_id)
        return self.faults.status_of(connection_id, is_first_call=is_first_call)

    def answer_what_is_due(self) -> None:
        now = time.monotonic()
        while self.due and self.due[0].at <= now:
            _, connection, connection_id, status = self.due.popleft()
            if connection.is_open:
                self.answer(connection, connection_id, status)

    def answer(self, connection: Connection, connection_id: bytes, status: int) -> None:
        if status == DROPPED:
            connection.is_open = False
        else:
            connection.send(ANSWERS[status])
        self.ledger.answered(connection_id, status)
        if not connection.is_open:
            self.close(connection)

    def close(self, connection: Connection) -> None:
        del self.handlers[connection.sock.fileno()]
        connection.sock.close()
        self.ledger.closed()
