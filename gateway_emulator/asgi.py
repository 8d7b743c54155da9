"""The vocabulary of ASGI, and the two things every HTTP app here does with it."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[str, str]]


class BodyTooLarge(Exception):
    """Raised when a request's body exceeds the limit that the reader has set."""


class ClientGone(Exception):
    """Raised when a client has left in the middle of its request."""


async def read_body(receive: Receive, *, limit: int) -> bytes:
    """Return a request's whole body; BodyTooLarge as soon as it exceeds `limit` bytes."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > limit:
            raise BodyTooLarge
    return bytes(body)


def client_ip(scope: Scope) -> str:
    """Return the client's address; a client that has reset its connection has none."""
    client = scope["client"]
    return str(client[0]) if client else ""


async def respond(
    send: Send, status: int, headers: Iterable[tuple[str, str]], body: bytes = b""
) -> None:
    """Send a whole HTTP response."""
    await send(
        {"type": "http.response.start", "status": status, "headers": encoded(headers)}
    )
    await send({"type": "http.response.body", "body": body})


def encoded(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers
    ]


def decoded(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    return [
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in headers
    ]
