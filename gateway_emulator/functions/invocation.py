"""An invocation and what comes of it."""

import asyncio
import time
import uuid
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from gateway_emulator.template.deployment import Function


class Start(Enum):
    """How the worker that took an invocation was found."""

    COLD = "cold"  # it was started for it
    WARM = "warm"  # it had answered before


@dataclass(frozen=True)
class Failure:
    """Why a function gave no answer: it raised, timed out, crashed or never started."""

    error_type: str
    message: str

    def __str__(self) -> str:
        """Say what may be logged: a handler's own message may hold what its client sent."""
        made_by_lambda = self.error_type.startswith(("Runtime.", "Sandbox."))
        return (
            f"{self.error_type}: {self.message}" if made_by_lambda else self.error_type
        )


@dataclass(frozen=True)
class Answer:
    """What a function returned, parsed from JSON, or why it returned nothing."""

    value: Any
    start: Start
    failure: Failure | None = None


class Invocable(Protocol):
    """A function that can be invoked, wherever it runs."""

    async def invoke(self, event: dict[str, Any], trace_id: str) -> Answer: ...

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
