"""Functions run in this process, so that a debugger started with it stops in them."""

import asyncio
import importlib
import json
import os
import sys
import threading
import traceback
import uuid
from collections.abc import Mapping
from typing import Any

from gateway_emulator.functions.invocation import Answer, Failure, Start
from gateway_emulator.template.deployment import Function


class FunctionInProcess:
    """Calls a handler in a thread; time-outs do not run, since a debugger stands still.

    All functions share this process and so its environment: the variables of the function
    that is loaded last hold. A change of code needs a restart.
    """

    def __init__(self, function: Function, environment: Mapping[str, str]) -> None:
        self.function = function
        self.environment = environment
        self.handler: Any = None
        self.loading = threading.Lock()

    async def invoke(self, event: bytes, trace_id: str) -> Answer:
        del trace_id
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[Answer] = loop.create_future()

        def answer() -> None:
            result = self.call(event)
            loop.call_soon_threadsafe(settle, answered, result)

        # A daemon: the emulator's end does not wait for a handler.
        threading.Thread(target=answer, name=self.function.name, daemon=True).start()
        return await answered

    def call(self, event: bytes) -> Answer:
        start = Start.COLD if self.handler is None else Start.WARM
        try:
            handler = self.loaded_handler()
            context = InProcessContext(self.function)
            answer = handler(json.loads(event), context)
            return Answer(json.loads(json.dumps(answer)), start)
        except SystemExit as error:
            message = f"the handler ended with exit status {error.code}"
            return Answer(None, start, Failure("Runtime.ExitError", message))
        except Exception as error:
            traceback.print_exc()
            return Answer(None, start, Failure(type(error).__name__, str(error)))

    def loaded_handler(self) -> Any:
        with self.loading:
            if self.handler is None:
                self.handler = self.load()
            return self.handler

    def load(self) -> Any:
        os.environ.update(self.environment)
        paths = self.environment.get("PYTHONPATH", "").split(os.pathsep)
        sys.path[:0] = [str(self.function.code), *filter(None, paths)]
        module, _, name = self.function.handler.replace("/", ".").rpartition(".")
        return getattr(importlib.import_module(module), name)

    def deploy(self, function: Function) -> None:
        """Keep what is loaded: a module cannot be unloaded from a running process."""

    def retire(self) -> None:
        """Keep what is loaded, for the same reason."""

    def end(self) -> None:
        """End nothing: the threads end with the process."""


def settle(answered: "asyncio.Future[Answer]", result: Answer) -> None:
    if not answered.done():
        answered.set_result(result)


class InProcessContext:
    """The members of Lambda's context object that hold without a deadline."""

    def __init__(self, function: Function) -> None:
        self.aws_request_id = str(uuid.uuid4())
        self.function_name = function.name
        self.function_version = "$LATEST"
        self.invoked_function_arn = function.arn
        self.memory_limit_in_mb = str(function.memory)

    def get_remaining_time_in_millis(self) -> int:
        return 900_000  # Lambda's longest; no clock runs under a debugger
