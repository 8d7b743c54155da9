"""A worker: one process that runs a function's handler in a Lambda runtime client."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import Enum
from pathlib import Path

from gateway_emulator.functions.interpreter import Interpreter
from gateway_emulator.functions.invocation import (
    Failure,
    Invocation,
    exited,
    timed_out,
)
from gateway_emulator.functions.memory import Memory
from gateway_emulator.functions.output import WorkerOutput
from gateway_emulator.limits import INIT_SECONDS
from gateway_emulator.template.deployment import Function

WORKER_PROCESS = Path(__file__).with_name("worker_process.py")


class WorkerState(Enum):
    """A worker's life, in order; it goes back and forth between idle and busy."""

    STARTING = (
        "starting"  # the process loads the handler and has not asked for an event
    )
    IDLE = "idle"  # it waits for an event
    BUSY = "busy"  # it handles one
    ENDED = "ended"  # the process is gone


class Worker:
    """One worker process and the invocation it is busy with."""

    def __init__(self, name: str, function: Function) -> None:
        self.name = name
        self.function = function
        self.state = WorkerState.STARTING
        self.answered = 0
        self.was_ready = False  # has loaded the handler
        self.retired = False  # its code is out of date
        self.failure: Failure | None = None  # why it ends, where its status tells less
        self.invocation: Invocation | None = None
        self.inbox: asyncio.Queue[Invocation | None] = asyncio.Queue()
        self.process: asyncio.subprocess.Process | None = None
        self.output = WorkerOutput()
        self.memory = Memory(function.memory, self.run_out_of_memory)

    async def run(
        self,
        interpreter: Interpreter,
        environment: Mapping[str, str],
        when_started: Callable[[int], None],
    ) -> Failure:
        """Run the process to its end and say how that came."""
        try:
            self.process = await self.started_process(interpreter, environment)
            when_started(self.process.pid)
            self.memory.attach(self.process.pid)
            self.memory.start_watching()
            if self.state is WorkerState.ENDED:
                self.kill()
            status = await self.process.wait()
            self.kill_group()  # what it has started may be there still
        finally:
            self.state = WorkerState.ENDED
            self.memory.stop_watching()
            self.output.close()
            self.inbox.put_nowait(None)
        self.failure = self.failure or exited(status)
        if self.invocation is not None:
            self.invocation.settle(self.failure)
        return self.failure

    async def started_process(
        self, interpreter: Interpreter, environment: Mapping[str, str]
    ) -> asyncio.subprocess.Process:
        try:
            return await asyncio.create_subprocess_exec(
                interpreter.path,
                "-u",  # what the handler prints is written before its answer is
                WORKER_PROCESS,
                interpreter.client.value,
                self.function.handler,
                cwd=self.function.code,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=self.output.writer,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        finally:
            self.output.close_writer()

    async def handle(self, invocation: Invocation) -> bytes | Failure:
        """Return what the handler answers, or why it does not; its time-out ends the worker."""
        if self.failure is not None:  # it has ended since it asked for an event
            return self.failure
        self.take(invocation)
        try:
            async with asyncio.timeout(invocation.timeout):
                return await invocation.outcome
        except TimeoutError:
            self.kill()
            return timed_out(invocation.timeout)

    def rest(self) -> None:
        """Wait for an event; the memory is not read meanwhile, so that idling costs nothing."""
        self.state = WorkerState.IDLE
        self.memory.stop_watching()

    def take(self, invocation: Invocation) -> None:
        self.state = WorkerState.BUSY
        self.invocation = invocation
        self.memory.start_watching()
        self.inbox.put_nowait(invocation)

    def settle(self, request_id: str, outcome: bytes | Failure) -> bool:
        """Hand an outcome to the invocation it belongs to; say whether there was one."""
        if self.invocation is None or self.invocation.request_id != request_id:
            return False
        if self.memory.found_exceeded():
            return True
        self.answered += 1
        self.invocation.settle(outcome)
        self.invocation = None
        return True

    def run_out_of_memory(self) -> None:
        self.failure = self.memory.failure()
        self.kill()

    def give_up_starting(self) -> None:
        if self.state is WorkerState.STARTING:
            message = f"the handler was not loaded within {INIT_SECONDS:g} seconds"
            self.failure = Failure("Sandbox.Timedout", message)
            self.kill()

    def kill(self) -> None:
        """End the process and whatever it has started."""
        self.state = WorkerState.ENDED
        if self.process is not None and self.process.returncode is None:
            self.kill_group()

    def kill_group(self) -> None:
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
