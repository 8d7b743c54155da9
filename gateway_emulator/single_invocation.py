"""Invoke one function once, without an API, and log it as Lambda does."""

import asyncio
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from gateway_emulator.errors import EmulatorError
from gateway_emulator.functions import (
    REQUEST_TOO_LARGE,
    Failure,
    Invocation,
    Start,
    Worker,
    Workers,
    WorkerState,
    answer_of,
)
from gateway_emulator.identifiers import new_trace_id
from gateway_emulator.json_files import parsed_json, read_file
from gateway_emulator.lambda_services import LambdaServices
from gateway_emulator.limits import EVENT_BYTES
from gateway_emulator.options import EmulatorOptions
from gateway_emulator.report import (
    Report,
    end_line,
    error_object,
    failure_lines,
    init_report_line,
    init_start_line,
    start_line,
)
from gateway_emulator.template import read_deployment
from gateway_emulator.template.deployment import Function

STANDARD_INPUT = Path("-")


def read_event(path: Path | None) -> bytes:
    """Return the event in a file, as it is written; `-` is standard input, no file an empty one."""
    if path is None:
        return b"{}"
    if path == STANDARD_INPUT:
        event = sys.stdin.buffer.read()
    else:
        event = read_file(path, "--event")
    if len(event) > EVENT_BYTES:
        reason = f"{REQUEST_TOO_LARGE.error_type}: {REQUEST_TOO_LARGE.message}"
        raise EmulatorError(f"--event: {path} is too large ({reason}).")
    parsed_json(event, path, "--event")
    return event


async def invoke_once(
    options: EmulatorOptions, logical_id: str, event: bytes
) -> tuple[Any, bool]:
    """Return what the caller of Lambda's Invoke would get, and whether it is an answer."""
    deployment = read_deployment(options.deployment)
    function = deployment.function(logical_id)
    services = LambdaServices(options, lambda: deployment.secrets)
    try:
        await services.start()
        log(init_start_line(services.interpreter.version))
        return await SingleInvocation(function, services.workers).run(event)
    finally:
        await services.end()


class SingleInvocation:
    """One worker and the one event that it gets: its init, its invocation, and their log."""

    def __init__(self, function: Function, workers: Workers) -> None:
        self.function = function
        self.is_ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.began = time.perf_counter()
        self.worker, self.process_end = workers.start(function, self.ready)

    def ready(self, worker: Worker) -> None:
        if not self.is_ready.done():
            worker.rest()
            self.is_ready.set_result(None)

    async def run(self, event: bytes) -> tuple[Any, bool]:
        first_to_come: set[asyncio.Future[Any]] = {self.is_ready, self.process_end}
        await asyncio.wait(first_to_come, return_when=asyncio.FIRST_COMPLETED)
        init_duration = time.perf_counter() - self.began
        self.worker.output.finish_line()
        invocation = Invocation(event, new_trace_id(), self.function.timeout)
        if self.is_ready.done():
            return await self.handled(invocation, init_duration)
        return self.not_loaded(invocation, init_duration)

    def not_loaded(
        self, invocation: Invocation, init_duration: float
    ) -> tuple[Any, bool]:
        failure = self.process_end.result()
        log(init_report_line(init_duration, failure))
        log(start_line(invocation.request_id))
        log_end(
            Report(
                request_id=invocation.request_id,
                # Lambda repeats an init that failed, and counts that one in the invocation.
                duration=init_duration,
                init_duration=None,
                memory_size=self.function.memory,
                memory_used=self.worker.memory.used,
                failure=failure,
            )
        )
        return error_object(invocation.request_id, failure), False

    async def handled(
        self, invocation: Invocation, init_duration: float
    ) -> tuple[Any, bool]:
        log(start_line(invocation.request_id))
        began = time.perf_counter()
        answer = answer_of(await self.worker.handle(invocation), Start.COLD)
        duration = time.perf_counter() - began
        await self.finish_output()
        log_end(
            Report(
                request_id=invocation.request_id,
                duration=min(duration, self.function.timeout),
                init_duration=init_duration,
                memory_size=self.function.memory,
                memory_used=self.worker.memory.used,
                failure=found_by_lambda(answer.failure),
            )
        )
        if answer.failure is not None:
            return error_object(invocation.request_id, answer.failure), False
        return answer.value, True

    async def finish_output(self) -> None:
        """Print what the worker has written, and nothing more: Lambda freezes a sandbox then."""
        if self.worker.state is WorkerState.ENDED:
            await self.process_end  # then it has written all that it will
        self.worker.output.finish_line()
        self.worker.output.close()


def found_by_lambda(failure: Failure | None) -> Failure | None:
    """Leave out a function's own failure, which its runtime client has logged."""
    if failure is None or failure.reported is not None:
        return None
    return failure


def log_end(report: Report) -> None:
    if report.failure is not None:
        log(failure_lines(report.request_id, report.failure))
    log(end_line(report.request_id))
    log(str(report))


def log(line: str) -> None:
    with suppress(OSError):  # nobody reads it any longer
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - this is the log
