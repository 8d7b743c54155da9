"""An invocation and what comes of it."""

import asyncio
import json
import signal
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from gateway_emulator.limits import ANSWER_BYTES, EVENT_BYTES
from gateway_emulator.template.deployment import Function


class Start(Enum):
    """How the worker that took an invocation was found."""

    COLD = "cold"  # it was started for it
    WARM = "warm"  # it had answered before


@dataclass(frozen=True)
class Failure:
    """Why a function gave no answer: it raised, timed out, crashed or never started.

    `reported` is the error object that its runtime client has sent; none where Lambda is
    the one who found out. `hint` is what only the log says.
    """

    error_type: str
    message: str
    reported: Mapping[str, Any] | None = None
    hint: str = ""

    def __str__(self) -> str:
        """Say what may be logged: a handler's own message may hold what its client sent."""
        if not self.error_type.startswith(("Function.", "Runtime.", "Sandbox.")):
            return self.error_type
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.error_type}: {self.message}{hint}"


def as_reported(error: Mapping[str, Any]) -> Failure:
    """Return the failure that an error object tells of, as Lambda's callers get it."""
    return Failure(str(error["errorType"]), str(error["errorMessage"]), reported=error)


REQUEST_TOO_LARGE = Failure(
    "RequestTooLargeException",
    f"Request must be smaller than {EVENT_BYTES} bytes for the InvokeFunction operation",
)
RESPONSE_TOO_LARGE = as_reported(
    {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size"
        f" ({ANSWER_BYTES} bytes).",
    }
)


def timed_out(seconds: float) -> Failure:
    return Failure("Sandbox.Timedout", f"Task timed out after {seconds:.2f} seconds")


def exited(status: int) -> Failure:
    """Say how a process has ended; a negative status is a signal's number."""
    if status == 0:
        return Failure("Runtime.ExitError", "Runtime exited without providing a reason")
    if status > 0:
        reason = f"exit status {status}"
    else:
        reason = f"signal: {signal.strsignal(-status) or -status}".lower()
    return Failure("Runtime.ExitError", f"Runtime exited with error: {reason}")


@dataclass(frozen=True)
class Answer:
    """What a function returned, parsed from JSON, or why it returned nothing."""

    value: Any
    start: Start
    failure: Failure | None = None


def answer_of(outcome: bytes | Failure, start: Start) -> Answer:
    if isinstance(outcome, Failure):
        return Answer(None, start, outcome)
    try:
        return Answer(json.loads(outcome), start)
    except (ValueError, RecursionError):
        failure = Failure("Runtime.MarshalError", "the answer is not JSON")
        return Answer(None, start, failure)


class Invocable(Protocol):
    """A function that can be invoked, wherever it runs."""

    async def invoke(self, event: bytes, trace_id: str) -> Answer: ...

    def deploy(self, function: Function) -> None:
        """Let the function's next version answer from now on."""

    def retire(self) -> None:
        """Let no further invocation meet code that was loaded before now."""

    def end(self) -> None:
        """Start nothing more, and let nobody wait for it."""


@dataclass
class Invocation:
    """One event on its way through a worker; `outcome` gets the answer's bytes or a Failure."""

    event: bytes
    trace_id: str
    timeout: float
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    outcome: asyncio.Future[bytes | Failure] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def __post_init__(self) -> None:
        self.deadline = time.time() + self.timeout

    def settle(self, outcome: bytes | Failure) -> None:
        if not self.outcome.done():
            self.outcome.set_result(outcome)


def event_bytes(event: Any) -> bytes:
    """Return an event as Lambda takes it: JSON in UTF-8, where each byte counts."""
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")  # JSON may escape half a character
