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
    Answer,
    Failure,
    Invocation,
    Start,
    Worker,
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


def read_event(path: Path | None) -> bytes:
    """Return the event in a file, as it is written; an empty one where there is no file."""
    if path is None:
        return b"{}"
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
        return await SingleInvocation(function, services).run(event)
    finally:
        await services.end()


class SingleInvocation:
    """One worker and the one event that it gets: its init, its invocation, and the report."""

    def __init__(self, function: Function, services: LambdaServices) -> None:
        self.function = function
        self.services = services
        self.is_ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self, event: bytes) -> tuple[Any, bool]:
        log(init_start_line(self.services.interpreter.version))
        began = time.perf_counter()
        worker, process_end = self.services.workers.start(self.function, self.ready)
        first_to_come: set[asyncio.Future[Any]] = {self.is_ready, process_end}
        await asyncio.wait(first_to_come, return_when=asyncio.FIRST_COMPLETED)
        init_duration = time.perf_counter() - began
        worker.output.finish_line()
        invocation = Invocation(event, new_trace_id(), self.function.timeout)
        if not self.is_ready.done():
            failure = process_end.result()
            log(init_report_line(init_duration, failure))
            log(start_line(invocation.request_id))
            # Lambda repeats an init that failed, and counts that one in the invocation.
            report = self.report(invocation, worker, init_duration, None, failure)
            return reported(report, Answer(None, Start.COLD, failure))
        log(start_line(invocation.request_id))
        return await self.handled(invocation, worker, process_end, init_duration)

    def ready(self, worker: Worker) -> None:
        if not self.is_ready.done():
            worker.state = WorkerState.IDLE
            self.is_ready.set_result(None)

    async def handled(
        self,
        invocation: Invocation,
        worker: Worker,
        process_end: "asyncio.Task[Failure]",
        init_duration: float,
    ) -> tuple[Any, bool]:
        began = time.perf_counter()
        answer = answer_of(await worker.handle(invocation), Start.COLD)
        duration = min(time.perf_counter() - began, self.function.timeout)
        if worker.state is WorkerState.ENDED:
            await process_end  # then it has written all that it will
        worker.output.finish_line()
        worker.output.close()  # as Lambda freezes a sandbox once it has answered
        failure = answer.failure
        if failure is not None and failure.reported is not None:
            failure = None  # the function's own, which its runtime client has logged
        report = self.report(invocation, worker, duration, init_duration, failure)
        return reported(report, answer)

    def report(
        self,
        invocation: Invocation,
        worker: Worker,
        duration: float,
        init_duration: float | None,
        failure: Failure | None,
    ) -> Report:
        return Report(
            request_id=invocation.request_id,
            duration=duration,
            init_duration=init_duration,
            memory_size=self.function.memory,
            memory_used=worker.memory.used,
            failure=failure,
        )


def reported(report: Report, answer: Answer) -> tuple[Any, bool]:
    """Log an invocation's end and return what its caller gets."""
    if report.failure is not None:
        log(failure_lines(report.request_id, report.failure))
    log(end_line(report.request_id))
    log(str(report))
    if answer.failure is not None:
        return error_object(report.request_id, answer.failure), False
    return answer.value, True


def log(line: str) -> None:
    with suppress(OSError):  # nobody reads it any longer
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - this is the log
