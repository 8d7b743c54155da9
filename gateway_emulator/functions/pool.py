"""The workers of one function: started on demand, reused, one invocation each."""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from typing import Any

from gateway_emulator.functions.invocation import Answer, Failure, Invocation, Start
from gateway_emulator.functions.worker import Worker, WorkerState
from gateway_emulator.limits import INIT_SECONDS
from gateway_emulator.template.deployment import Function

# Starts a worker's process: called with the function and with what to do whenever
# the worker asks for its next event.
RunWorker = Callable[
    [Function, Callable[[Worker], None]], tuple[Worker, asyncio.Task[int]]
]


class FunctionPool:
    """Invokes a function in a free worker, and starts another where none gets free in time."""

    def __init__(
        self,
        function: Function,
        run_worker: RunWorker,
        *,
        max_workers: int = 4,
        patience: float = 0.25,  # seconds a request waits for a warm worker
        init_timeout: float = INIT_SECONDS,
    ) -> None:
        self.function = function
        self.run_worker = run_worker
        self.max_workers = max_workers
        self.patience = patience
        self.init_timeout = init_timeout
        self.workers: set[Worker] = set()
        self.idle: list[Worker] = []
        self.waiting: deque[asyncio.Future[Worker]] = deque()
        self.tasks: set[asyncio.Task[Any]] = set()
        self.ended = False

    async def invoke(self, event: dict[str, Any], trace_id: str) -> Answer:
        """Return the function's answer; as in Lambda, it runs on when the caller stops waiting."""
        return await asyncio.shield(self.in_background(self.run(event, trace_id)))

    async def run(self, event: dict[str, Any], trace_id: str) -> Answer:
        try:
            worker = await self.free_worker()
        except InitError as error:
            return Answer(None, Start.COLD, error.failure)
        start = Start.WARM if worker.answered else Start.COLD
        body = json.dumps(event).encode()
        invocation = Invocation(body, trace_id, self.function.timeout)
        worker.take(invocation)
        try:
            async with asyncio.timeout(self.function.timeout):
                outcome = await invocation.outcome
        except TimeoutError:
            worker.kill()
            message = f"Task timed out after {self.function.timeout:.2f} seconds"
            return Answer(None, start, Failure("Sandbox.Timedout", message))
        if isinstance(outcome, Failure):
            return Answer(None, start, outcome)
        try:
            return Answer(json.loads(outcome), start)
        except ValueError:
            failure = Failure("Runtime.MarshalError", "the answer is not JSON")
            return Answer(None, start, failure)

    async def free_worker(self) -> Worker:
        if self.idle:
            return self.idle.pop()  # the one used last, so that spare ones stay spare
        turn: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        if self.workers:
            await asyncio.wait({turn}, timeout=self.patience)
        if not turn.done():
            self.start_worker()
        return await turn

    def start_worker(self) -> None:
        if self.ended or len(self.workers) >= self.max_workers:
            return
        worker, process_end = self.run_worker(self.function, self.release)
        self.workers.add(worker)
        self.in_background(self.outlive(worker, process_end))
        asyncio.get_running_loop().call_later(
            self.init_timeout, self.give_up_starting, worker
        )

    def release(self, worker: Worker) -> None:
        """Give a worker that asks for its next event to whoever waits longest."""
        worker.was_ready = True
        if worker.retired:
            worker.kill()
        elif self.waiting:
            worker.state = WorkerState.BUSY
            self.waiting.popleft().set_result(worker)
        else:
            worker.state = WorkerState.IDLE
            self.idle.append(worker)

    def give_up_starting(self, worker: Worker) -> None:
        if worker.state is WorkerState.STARTING:
            message = f"the handler was not loaded within {self.init_timeout:g} seconds"
            worker.init_failure = Failure("Sandbox.Timedout", message)
            worker.kill()

    async def outlive(self, worker: Worker, process_end: asyncio.Task[int]) -> None:
        """Clean up after a worker's end: no request may wait for it any longer."""
        status = await process_end
        self.workers.discard(worker)
        if worker in self.idle:
            self.idle.remove(worker)
        exited = Failure(
            "Runtime.ExitError", f"the worker ended with exit status {status}"
        )
        if worker.invocation is not None:
            worker.invocation.settle(exited)
        if self.waiting and not worker.was_ready and not worker.retired:
            failure = worker.init_failure or exited
            self.waiting.popleft().set_exception(InitError(failure))
        if self.waiting:
            self.start_worker()

    def retire(self) -> None:
        """Keep the code of now from answering again: busy workers end after their invocation."""
        for worker in self.workers:
            worker.retired = True
            if worker.state is not WorkerState.BUSY:
                worker.kill()
        self.idle.clear()

    def end(self) -> None:
        self.ended = True
        failure = Failure("Runtime.ExitError", "the emulator is ending")
        while self.waiting:
            self.waiting.popleft().set_exception(InitError(failure))

    def in_background(self, work: Any) -> "asyncio.Task[Any]":
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task


class InitError(Exception):
    """Raised to a request whose worker could not load the handler."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure
