"""What a transport is: who gets what, and what came of it."""

from collections.abc import Generator, Iterable, Sequence
from enum import Enum
from typing import Any, Literal, NamedTuple, Protocol

MOST_CONNECTIONS = 100  # to one endpoint; more bring nothing


class Recipient(NamedTuple):
    """Plain values of one session, so that sending needs no database."""

    session: int
    connection_id: str
    callback_url: str
    may_be_connecting: bool = False
    """Its handshake may still be going on: then the gateway calls it gone."""

    fault: str = ""
    """Why nothing can be posted at all, such as a gateway without an address."""


class Request(NamedTuple):
    """One call to the Management API, the same for every recipient."""

    method: Literal["POST", "DELETE"]
    body: bytes = b""


HANG_UP = Request("DELETE")


class Outcome(Enum):
    """What became of a recipient."""

    SENT = "sent"
    """The gateway took it. It does not tell whether the client has read it."""

    GONE = "gone"
    """The gateway knows no such connection."""

    CONNECTING = "connecting"
    """Nor does it yet know this one, whose handshake may still be going on."""

    THROTTLED = "throttled"
    """Too many calls at the moment; the client may well be there."""

    FAILED = "failed"
    """Anything else: the reason says what."""


class Delivery(NamedTuple):
    """The outcome for one recipient, with the gateway's answer or the reason."""

    outcome: Outcome
    reason: str = ""
    is_transient: bool = False
    """The same call may do better in a while."""

    answer: "Answer | None" = None
    is_too_late: bool = False
    """The time was over before anything had come of it."""

    @property
    def response(self) -> dict[str, Any]:
        """What boto3 would have returned."""
        metadata: dict[str, Any] = {"RetryAttempts": 0}
        if self.answer is not None:
            headers = dict(self.answer.headers)
            metadata["HTTPStatusCode"] = self.answer.status
            metadata["HTTPHeaders"] = headers
            if "x-amzn-requestid" in headers:
                metadata["RequestId"] = headers["x-amzn-requestid"]
        return {"ResponseMetadata": metadata}


TOO_LATE = Delivery(
    Outcome.FAILED, "there was no time left", is_transient=True, is_too_late=True
)


def too_late(last_reason: str) -> Delivery:
    """With the reason of the last try, where there was one."""
    if not last_reason:
        return TOO_LATE
    return TOO_LATE._replace(reason=f"{TOO_LATE.reason} ({last_reason})")


class Answer(Protocol):
    """The gateway's own words."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Iterable[tuple[str, str]]:
        """Names are in lower case."""
        ...


Deliveries = Generator[tuple[Recipient, Delivery], None, None]


class Transport(Protocol):
    """Calls the Management API. Several threads use one transport at once."""

    def perform(
        self,
        recipients: Iterable[Recipient],
        requests: Sequence[Request],
        *,
        seconds: float,
        connections: int = MOST_CONNECTIONS,
    ) -> Deliveries:
        """Make the requests one after the other for each recipient; tell what came of it.

        Each recipient comes out once, in any order, after `seconds` at the latest: a
        recipient that is gone after the first request, for example, gets no second.
        Recipients are asked for as they are needed. An outcome is never raised. Raised
        is what no other recipient could do better, such as missing credentials.
        """
        ...
