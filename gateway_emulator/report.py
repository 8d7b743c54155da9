"""The lines that Lambda logs about an invocation, in its wording.

Sources: "Understanding the Lambda execution environment lifecycle", Lambda Developer Guide,
for INIT_REPORT; logs of functions that ran on Lambda for the rest.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway_emulator.functions import Failure


def init_start_line(python_version: str) -> str:
    return f"INIT_START Runtime Version: python:{python_version}"


def init_report_line(duration: float, failure: Failure) -> str:
    return f"INIT_REPORT Init Duration: {milliseconds(duration)}\tPhase: init{status(failure)}"


def start_line(request_id: str) -> str:
    return f"START RequestId: {request_id} Version: $LATEST"


def end_line(request_id: str) -> str:
    return f"END RequestId: {request_id}"


def failure_lines(request_id: str, failure: Failure) -> str:
    """Say what has ended a function; a handler that raises is logged by its runtime client."""
    if is_timeout(failure):
        moment = datetime.now(UTC).isoformat(timespec="milliseconds")
        time = moment.replace("+00:00", "Z")
        return f"{time} {request_id} {failure.message}\n"
    if failure.reported is not None:
        return f"Unknown application error occurred\n{error_type(failure)}"
    return f"{message(request_id, failure)}\n{failure.error_type}"


@dataclass(frozen=True, kw_only=True)
class Report:
    """What an invocation took; `init_duration` is None where Lambda counts it as part of it."""

    request_id: str
    duration: float  # seconds, as the next one
    init_duration: float | None
    memory_size: int  # MB, as the next one
    memory_used: int
    failure: Failure | None = None

    def __str__(self) -> str:
        columns = [
            f"REPORT RequestId: {self.request_id}",
            f"Duration: {milliseconds(self.duration)}",
            f"Billed Duration: {self.billed_milliseconds} ms",
            f"Memory Size: {self.memory_size} MB",
            f"Max Memory Used: {self.memory_used} MB",
        ]
        if self.init_duration is not None:
            columns.append(f"Init Duration: {milliseconds(self.init_duration)}")
        return "\t".join(columns) + status(self.failure)

    @property
    def billed_milliseconds(self) -> int:
        """Return whole milliseconds; since August 2025 the init phase is billed as well."""
        return math.ceil((self.duration + (self.init_duration or 0)) * 1000)


def error_object(request_id: str, failure: Failure) -> dict[str, Any]:
    """Return what the caller of Lambda's Invoke gets in place of an answer."""
    if failure.reported is not None:
        return dict(failure.reported)
    return {
        "errorType": failure.error_type,
        "errorMessage": message(request_id, failure),
    }


def message(request_id: str, failure: Failure) -> str:
    return f"RequestId: {request_id} Error: {failure.message}"


def status(failure: Failure | None) -> str:
    """Return the columns that end a report where Lambda, and not the function, saw a failure."""
    if failure is None:
        return ""
    if is_timeout(failure):
        return "\tStatus: timeout"
    return f"\tStatus: error\tError Type: {error_type(failure)}"


def error_type(failure: Failure) -> str:
    reported = failure.reported or {}
    return str(reported.get("errorType", failure.error_type))


def is_timeout(failure: Failure) -> bool:
    return failure.error_type == "Sandbox.Timedout"


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"
