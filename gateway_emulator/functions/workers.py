"""Every worker process there is, of all functions."""

import asyncio
import itertools
import sys
from collections.abc import Callable
from pathlib import Path

from gateway_emulator.functions.environment import worker_environment
from gateway_emulator.functions.interpreter import Interpreter
from gateway_emulator.functions.invocation import Failure
from gateway_emulator.functions.runtime_api import RuntimeApi
from gateway_emulator.functions.worker import Worker
from gateway_emulator.limits import INIT_SECONDS
from gateway_emulator.template.deployment import Function

REAPER = Path(__file__).with_name("reaper.py")


class Workers:
    """Starts workers that reach the Runtime API at `address`, and ends them all."""

    def __init__(
        self,
        runtime_api: RuntimeApi,
        *,
        address: str,
        region: str,
        interpreter: Interpreter,
    ) -> None:
        self.runtime_api = runtime_api
        self.address = address
        self.region = region
        self.interpreter = interpreter
        self.numbers = itertools.count()
        self.running: dict[Worker, asyncio.Task[Failure]] = {}
        self.reaper: asyncio.subprocess.Process | None = None

    def start(
        self, function: Function, when_ready: Callable[[Worker], None]
    ) -> tuple[Worker, asyncio.Task[Failure]]:
        """Start a worker; the task ends with its process and tells how that came."""
        worker = Worker(f"w{next(self.numbers)}", function)
        self.runtime_api.admit(worker, when_ready)
        loop = asyncio.get_running_loop()
        self.running[worker] = loop.create_task(self.run(worker))
        loop.call_later(INIT_SECONDS, worker.give_up_starting)
        return worker, self.running[worker]

    async def run(self, worker: Worker) -> Failure:
        environment = worker_environment(
            worker.function,
            region=self.region,
            runtime_api=self.address,
            worker=worker.name,
        )
        try:
            return await worker.run(
                self.interpreter,
                environment,
                lambda group: self.tell_the_reaper("+", group),
            )
        except OSError as error:  # no such folder, too many processes
            return Failure("Runtime.InvalidEntrypoint", str(error))
        finally:
            if worker.process is not None:
                self.tell_the_reaper("-", worker.process.pid)
            self.runtime_api.dismiss(worker)
            del self.running[worker]

    async def end(self) -> None:
        """End every worker, busy or not, and wait until the processes are gone."""
        ending = list(self.running.values())
        for worker in self.running:
            worker.kill()
        await asyncio.gather(*ending)
        if self.reaper is not None and self.reaper.stdin is not None:
            self.reaper.stdin.close()
            await self.reaper.wait()

    async def start_the_reaper(self) -> None:
        """Start the process that ends the workers if this one is killed."""
        self.reaper = await asyncio.create_subprocess_exec(
            sys.executable,
            REAPER,
            stdin=asyncio.subprocess.PIPE,
            start_new_session=True,
        )

    def tell_the_reaper(self, sign: str, process_group: int) -> None:
        if self.reaper is not None and self.reaper.stdin is not None:
            self.reaper.stdin.write(f"{sign}{process_group}\n".encode())
