"""What a transport is."""

from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol


class Outcome(Enum):
    """What became of one call to the gateway."""

    SENT = "sent"
    """The gateway took it. It does not tell whether the client has read it."""

    GONE = "gone"
    """The gateway knows no such connection: closed, or not yet open."""

    THROTTLED = "throttled"
    """Too many calls at the moment; the client may well be there."""

    FAILED = "failed"
    """Anything else: the reason says what."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outcome of one call, with the gateway's response or the reason."""

    outcome: Outcome
    response: dict[str, Any] | None = None
    reason: str = ""


class Transport(Protocol):
    """Calls the Management API. Several threads use one transport at once.

    An outcome is returned, never raised. Raised is what no other call could do
    better, such as missing credentials.
    """

    def post(self, callback_url: str, connection_id: str, data: bytes) -> Delivery: ...

    def hang_up(self, callback_url: str, connection_id: str) -> Delivery: ...
