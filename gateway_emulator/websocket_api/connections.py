"""Who is connected."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum

from gateway_emulator.asgi import Message, Send
from gateway_emulator.identifiers import new_connection_id
from gateway_emulator.limits import SocketLifetime


class ConnectionState(Enum):
    """A socket's life, in order."""

    HANDSHAKE = "handshake"  # $connect is being decided; callbacks answer 410
    OPEN = "open"  # the 101 has been sent
    CLOSED = "closed"  # a close frame went either way, or the TCP connection is gone


# A client that does not read lets this machine's buffers for it run full.
SECONDS_FOR_A_SLOW_CLIENT = 1.0


@dataclass(frozen=True)
class Ending:
    """The close code and reason of a socket."""

    code: int
    reason: str

    @classmethod
    def of_message(cls, message: Message) -> "Ending | None":
        """Read ASGI's disconnect message; None if the emulator itself is ending."""
        if "reason" in message:
            return cls(message["code"], message["reason"] or "")
        # uvicorn gives no reason where no close frame came: at its own end, when it
        # sends 1012, and where the TCP connection is lost.
        return None if message["code"] == 1012 else cls(1006, "")


class ConnectionGone(Exception):
    """Raised when something is sent to a socket that has closed meanwhile."""


@dataclass
class Connection:
    """One client's socket."""

    stage: str
    send: Send
    domain_name: str
    source_ip: str
    user_agent: str | None
    id: str = field(default_factory=new_connection_id)
    state: ConnectionState = ConnectionState.HANDSHAKE

    def __post_init__(self) -> None:
        self.connected_at = self.last_active_at = time.time()

    async def accept(self, subprotocol: str | None) -> None:
        await self.send({"type": "websocket.accept", "subprotocol": subprotocol})
        self.state = ConnectionState.OPEN

    async def send_text(self, text: str) -> None:
        """Send a text message; ConnectionGone or TimeoutError where nobody receives it."""
        if self.state is not ConnectionState.OPEN:
            raise ConnectionGone(self.id)
        try:
            async with asyncio.timeout(SECONDS_FOR_A_SLOW_CLIENT):
                await self.send({"type": "websocket.send", "text": text})
        except TimeoutError:
            raise
        except OSError as error:  # what ASGI servers raise once the client has gone
            raise ConnectionGone(self.id) from error
        self.touch()

    async def close(self, code: int, reason: str) -> None:
        if self.state is not ConnectionState.OPEN:
            return
        self.state = ConnectionState.CLOSED
        closing = {"type": "websocket.close", "code": code, "reason": reason}
        with suppress(OSError):  # closed by the other side first, or too slow to hear
            async with asyncio.timeout(SECONDS_FOR_A_SLOW_CLIENT):
                await self.send(closing)

    def touch(self) -> None:
        self.last_active_at = time.time()

    async def close_in_time(self, lifetime: SocketLifetime) -> None:
        """Close the socket when it has been idle, or has been there at all, for too long."""
        while (left := self.time_left(lifetime)) > 0:
            await asyncio.sleep(left)
        await self.close(1001, "Going away")

    def time_left(self, lifetime: SocketLifetime) -> float:
        """Return the seconds until API Gateway closes the socket, if nothing more happens."""
        idle_until = self.last_active_at + lifetime.idle
        return min(idle_until, self.connected_at + lifetime.duration) - time.time()


class Connections:
    """The open sockets by connection id."""

    def __init__(self) -> None:
        self.open: dict[str, Connection] = {}

    @contextmanager
    def listed(self, connection: Connection) -> Iterator[None]:
        """Let callbacks find a connection while the block runs."""
        self.open[connection.id] = connection
        try:
            yield
        finally:
            connection.state = ConnectionState.CLOSED
            del self.open[connection.id]
