"""Functions run in this process, so that a debugger started with it stops in them."""

import asyncio
import importlib
import json
import os
import sys
import traceback
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
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
        self.threads = ThreadPoolExecutor(
            max_workers=4, thread_name_prefix=function.name
        )
        self.handler: Any = None

    async def invoke(self, event: dict[str, Any], trace_id: str) -> Answer:
        del trace_id
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, self.call, event)

    def call(self, event: dict[str, Any]) -> Answer:
        start = Start.COLD if self.handler is None else Start.WARM
        try:
            if self.handler is None:
                self.handler = self.load()
            answer = self.handler(
                json.loads(json.dumps(event)), InProcessContext(self.function)
            )
            return Answer(json.loads(json.dumps(answer)), start)
        except Exception as error:
            traceback.print_exc()
            return Answer(None, start, Failure(type(error).__name__, str(error)))

    def load(self) -> Any:
        os.environ.update(self.environment)
        paths = self.environment.get("PYTHONPATH", "").split(os.pathsep)
        sys.path[:0] = [str(self.function.code), *filter(None, paths)]
        module, _, name = self.function.handler.replace("/", ".").rpartition(".")
        return getattr(importlib.import_module(module), name)

    def retire(self) -> None:
        """Keep what is loaded: a module cannot be unloaded from a running process."""

    def end(self) -> None:
        self.threads.shutdown(wait=False, cancel_futures=True)


class InProcessContext:
    """The members of Lambda's context object that hold without a deadline."""

    def __init__(self, function: Function) -> None:
        self.aws_request_id = str(uuid.uuid4())
        self.function_name = function.name
        self.function_version = "$LATEST"
        self.invoked_function_arn = function.arn
        self.memory_limit_in_mb = str(function.memory)

    def get_remaining_time_in_millis(self) -> int:
        return int(self.timeout_in_millis)

    timeout_in_millis = 900_000  # Lambda's longest; no clock runs under a debugger
