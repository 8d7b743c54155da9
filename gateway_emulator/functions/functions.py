"""Every function of the current deployment, ready to be invoked."""

import asyncio
import itertools
from collections.abc import Callable, Mapping
from typing import Any

from gateway_emulator.functions.invocation import Answer, Failure, Invocable, Start
from gateway_emulator.functions.pool import FunctionPool
from gateway_emulator.functions.runtime_api import RuntimeApi
from gateway_emulator.functions.worker import RuntimeClient, Worker, worker_environment
from gateway_emulator.template.deployment import Function


class Functions:
    """Invokes functions by ARN, each in what `make_invocable` made for it."""

    def __init__(self, make_invocable: Callable[[Function], Invocable]) -> None:
        self.make_invocable = make_invocable
        self.deployed: dict[str, tuple[Function, Invocable]] = {}

    def deploy(self, functions: Mapping[str, Function]) -> None:
        """Take over the functions of a deployment; those that have not changed stay warm."""
        wanted = list(functions.values())
        for arn, (function, invocable) in list(self.deployed.items()):
            if function not in wanted:
                invocable.retire()
                del self.deployed[arn]
        for function in wanted:
            if function.arn not in self.deployed:
                self.deployed[function.arn] = (function, self.make_invocable(function))

    async def invoke(self, arn: str, event: dict[str, Any], trace_id: str) -> Answer:
        """Return what the function answered; one that does not exist is a failure like any other."""
        _, invocable = self.deployed.get(unqualified(arn), (None, None))
        if invocable is None:
            message = f"there is no function {arn}"
            return Answer(
                None, Start.COLD, Failure("ResourceNotFoundException", message)
            )
        return await invocable.invoke(event, trace_id)

    def retire(self) -> None:
        for _, invocable in self.deployed.values():
            invocable.retire()

    def end(self) -> None:
        for _, invocable in self.deployed.values():
            invocable.end()


class WorkerPools:
    """Makes pools whose workers reach the Runtime API at `address`."""

    def __init__(
        self,
        runtime_api: RuntimeApi,
        *,
        address: str,
        region: str,
        client: RuntimeClient,
    ) -> None:
        self.runtime_api = runtime_api
        self.address = address
        self.region = region
        self.client = client
        self.numbers = itertools.count()

    def __call__(self, function: Function) -> FunctionPool:
        return FunctionPool(function, self.run_worker)

    def run_worker(
        self, function: Function, when_ready: Callable[[Worker], None]
    ) -> tuple[Worker, asyncio.Task[int]]:
        worker = Worker(f"w{next(self.numbers)}", function)
        self.runtime_api.admit(worker, when_ready)
        return worker, asyncio.get_running_loop().create_task(
            self.run_to_its_end(worker)
        )

    async def run_to_its_end(self, worker: Worker) -> int:
        environment = worker_environment(
            worker.function,
            region=self.region,
            runtime_api=self.address,
            worker=worker.name,
        )
        try:
            return await worker.run(self.client, environment)
        finally:
            self.runtime_api.dismiss(worker)


def unqualified(arn: str) -> str:
    """Return a function's ARN without the version or alias it may end in."""
    return ":".join(arn.split(":")[:7])
