"""One connection to an endpoint: it is opened, and makes one request at a time.

Nothing here waits: who has selected the socket says when there is something to do.
"""

import errno
import os
import select
import socket
import ssl
from enum import Enum
from selectors import EVENT_READ, EVENT_WRITE

from django_aws_api_gateway_websockets.messaging.calls import Call

from .dropped import Dropped, UntrustedCertificate, reason_of
from .endpoints import Address
from .responses import BrokenResponse, Response, ResponseReader

AT_ONCE = 16_384  # bytes, as TLS has them
NOTHING = b""


class State(Enum):
    CONNECTING = "connecting"
    """TCP asks whether anybody is there."""

    SHAKING_HANDS = "shaking hands"
    """TLS looks at the certificate."""

    IDLE = "idle"
    """It is open, and there is nothing to do."""

    BUSY = "busy"
    """A request is under way, or its answer."""


class Connection:
    __slots__ = (
        "address",
        "arrivals",
        "call",
        "context",
        "has_answered",
        "name",
        "outgoing",
        "reader",
        "since",
        "socket",
        "state",
        "wants",
        "watched",
    )

    def __init__(
        self, address: Address, context: ssl.SSLContext | None, name: str, now: float
    ) -> None:
        """`context` is how to speak TLS; None is plain HTTP."""
        self.address = address
        self.context = context
        self.name = name
        self.call: Call | None = None
        self.has_answered = False
        self.outgoing: bytes | memoryview = NOTHING
        self.reader = ResponseReader()
        self.state = State.CONNECTING
        self.since = now  # it began to be opened, or its request to be sent
        self.wants = EVENT_WRITE
        self.watched = 0
        family, where = address
        try:
            self.socket = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:  # too many files are open, or there is no IPv6
            raise Dropped(reason_of(error)) from None
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        begun = self.socket.connect_ex(where)
        if begun not in (0, errno.EINPROGRESS):
            self.close()
            raise Dropped(os.strerror(begun))

    def fileno(self) -> int:
        return self.socket.fileno()

    @property
    def is_open(self) -> bool:
        return self.state in (State.IDLE, State.BUSY)

    def is_stale(self) -> bool:
        """Has it been closed, or said what nobody has asked for, while it was idle?

        TLS may have something to say of its own, such as a ticket for the next session.
        """
        # Before each request: to read where there is nothing takes six times as long.
        if not self.arrivals.poll(0) and not self.reader.has_begun:
            return False
        try:
            return self.receive() is not None or self.reader.has_begun
        except Dropped:
            return True

    def open(self, now: float) -> bool:
        """Go on with opening it; True once it is open."""
        if self.state is State.CONNECTING:
            if failed := self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                raise Dropped(os.strerror(failed))
            self.state = State.SHAKING_HANDS
            self.begin_tls()
        if self.context is not None and not self.shake_hands():
            return False
        self.state, self.since, self.wants = State.IDLE, now, EVENT_READ
        self.arrivals = select.poll()
        self.arrivals.register(self, select.POLLIN)
        return True

    def begin_tls(self) -> None:
        if self.context is None:
            return
        try:
            self.socket = self.context.wrap_socket(
                self.socket, server_hostname=self.name, do_handshake_on_connect=False
            )
        except (OSError, ValueError) as error:
            raise Dropped(reason_of(error)) from None

    def shake_hands(self) -> bool:
        assert isinstance(self.socket, ssl.SSLSocket)
        try:
            self.socket.do_handshake()
        except ssl.SSLWantReadError:
            self.wants = EVENT_READ
            return False
        except ssl.SSLWantWriteError:
            self.wants = EVENT_WRITE
            return False
        except ssl.SSLCertVerificationError as error:
            raise UntrustedCertificate(error.verify_message) from None
        except OSError as error:
            raise Dropped(reason_of(error)) from None
        return True

    def send(self, call: Call, request: bytes, now: float) -> None:
        self.call = call
        self.state, self.since = State.BUSY, now
        self.outgoing = request
        self.go_on_sending()

    def go_on_sending(self) -> None:
        try:
            sent = self.socket.send(self.outgoing)
            while sent < len(self.outgoing):
                self.outgoing = self.outgoing[sent:]
                sent = self.socket.send(self.outgoing)
            self.outgoing = NOTHING
        except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            self.wants = EVENT_READ | EVENT_WRITE
        except ConnectionError:
            # It may have answered before it left: to read it tells.
            self.wants = EVENT_READ
        except OSError as error:
            raise Dropped(reason_of(error)) from None
        else:
            self.wants = EVENT_READ

    def go_on(self) -> Response | None:
        """Look for the answer, and send what is left."""
        response = self.receive()
        if not self.outgoing:
            return response
        if response is None:
            self.go_on_sending()
        else:  # another request would be taken for the rest of this one
            response.keeps_alive = False
        return response

    def receive(self) -> Response | None:
        """The answer, once it is complete."""
        try:
            while data := self.socket.recv(AT_ONCE):
                if response := self.reader.feed(data):
                    return response
            return self.reader.end()
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None
        except (OSError, BrokenResponse) as error:
            raise Dropped(reason_of(error)) from None

    def rest(self, now: float) -> None:
        """The answer is there: the next request may come."""
        self.call = None
        self.has_answered = True
        self.state, self.since = State.IDLE, now

    def close(self) -> None:
        self.socket.close()
