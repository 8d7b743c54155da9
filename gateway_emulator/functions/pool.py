"""The workers of one function: started on demand, reused, one invocation each."""

import asyncio
from collections import deque
from collections.abc import Callable

from gateway_emulator.background import BackgroundTasks
from gateway_emulator.functions.invocation import (
    Answer,
    Failure,
    Invocation,
    Start,
    answer_of,
)
from gateway_emulator.functions.worker import Worker, WorkerState
from gateway_emulator.template.deployment import Function

MAX_WORKERS = 4
PATIENCE = (
    0.25  # seconds that a request waits for a warm worker before another is started
)

# Starts a worker's process: called with the function and with what to do whenever
# the worker asks for its next event. The task tells how the process has ended.
StartWorker = Callable[
    [Function, Callable[[Worker], None]], tuple[Worker, asyncio.Task[Failure]]
]


class FunctionPool:
    """Invokes a function in a free worker, and starts another where none gets free in time."""

    def __init__(self, function: Function, start_worker: StartWorker) -> None:
        self.function = function
        self.start_worker = start_worker
        self.workers: set[Worker] = set()
        self.idle: list[Worker] = []
        self.waiting: deque[asyncio.Future[Worker]] = deque()
        self.background = BackgroundTasks()
        self.ended = False

    async def invoke(self, event: bytes, trace_id: str) -> Answer:
        """Return the function's answer; as in Lambda, it runs on when the caller stops waiting."""
        return await asyncio.shield(self.background.run(self.run(event, trace_id)))

    async def run(self, event: bytes, trace_id: str) -> Answer:
        try:
            worker = await self.free_worker()
        except InitError as error:
            return Answer(None, Start.COLD, error.failure)
        start = Start.WARM if worker.answered else Start.COLD
        invocation = Invocation(event, trace_id, worker.function.timeout)
        return answer_of(await worker.handle(invocation), start)

    async def free_worker(self) -> Worker:
        if self.idle:
            return self.idle.pop()  # the one used last, so that spare ones stay spare
        turn: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        if self.workers:
            await asyncio.wait({turn}, timeout=PATIENCE)
        if not turn.done():
            self.add_worker()
        return await turn

    def add_worker(self) -> None:
        if self.ended or len(self.workers) >= MAX_WORKERS:
            return
        worker, process_end = self.start_worker(self.function, self.release)
        self.workers.add(worker)
        self.background.run(self.outlive(worker, process_end))

    def release(self, worker: Worker) -> None:
        """Give a worker that asks for its next event to whoever waits longest."""
        worker.was_ready = True
        asks_twice = worker.state is WorkerState.IDLE or worker.invocation is not None
        if worker.retired or asks_twice or worker.state is WorkerState.ENDED:
            worker.kill()
        elif self.waiting:
            worker.state = WorkerState.BUSY
            self.waiting.popleft().set_result(worker)
        else:
            worker.rest()
            self.idle.append(worker)

    async def outlive(self, worker: Worker, process_end: asyncio.Task[Failure]) -> None:
        """Clean up after a worker's end: no request may wait for it any longer."""
        failure = await process_end
        self.workers.discard(worker)
        if worker in self.idle:
            self.idle.remove(worker)
        if self.waiting and not worker.was_ready and not worker.retired:
            self.waiting.popleft().set_exception(InitError(failure))
        if self.waiting:
            self.add_worker()

    def deploy(self, function: Function) -> None:
        """Let the function's next version answer from now on."""
        self.function = function
        self.retire()

    def retire(self) -> None:
        """Keep the code of now from answering again: busy workers end after their invocation."""
        for worker in self.workers:
            worker.retired = True
            if worker.state is not WorkerState.BUSY:
                worker.kill()
        self.idle.clear()

    def end(self) -> None:
        """Start nothing more, and let nobody wait for it."""
        self.ended = True
        self.retire()
        failure = Failure("Runtime.ExitError", "the function is no longer deployed")
        while self.waiting:
            self.waiting.popleft().set_exception(InitError(failure))


class InitError(Exception):
    """Raised to a request whose worker could not load the handler."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure
