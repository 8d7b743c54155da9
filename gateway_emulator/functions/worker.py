"""A worker: one process that runs a function's handler in a Lambda runtime client."""

import asyncio
import codecs
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import Enum
from importlib.util import find_spec
from pathlib import Path

from gateway_emulator.functions.invocation import Failure, Invocation
from gateway_emulator.template.deployment import Function

WORKER_PROCESS = Path(__file__).with_name("worker_process.py")

LAST_WORDS = 0.2  # seconds to print what a worker wrote before its end

# What a worker gets of this machine's environment; the rest is what Lambda would set.
INHERITED = ("PATH", "HOME", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")


class RuntimeClient(Enum):
    """The program that asks the Runtime API for events and calls the handler."""

    AWSLAMBDARIC = "awslambdaric"  # AWS's own; there are wheels for Linux only
    RUNTIME_LOOP = "runtime_loop"  # ours, standard library only

    @classmethod
    def best(cls) -> "RuntimeClient":
        return cls.AWSLAMBDARIC if find_spec("awslambdaric") else cls.RUNTIME_LOOP


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
        self.init_failure: Failure | None = None
        self.invocation: Invocation | None = None
        self.inbox: asyncio.Queue[Invocation | None] = asyncio.Queue()
        self.process: asyncio.subprocess.Process | None = None

    async def run(
        self,
        client: RuntimeClient,
        environment: Mapping[str, str],
        when_started: Callable[[int], None],
    ) -> int:
        """Run the process to its end and return its exit status."""
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            WORKER_PROCESS,
            client.value,
            self.function.handler,
            cwd=self.function.code,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        when_started(self.process.pid)
        if self.state is WorkerState.ENDED:
            self.kill()
        printing = asyncio.create_task(print_output(self.process))
        status = await self.process.wait()
        # A child of the handler may hold the output open for ever.
        await asyncio.wait({printing}, timeout=LAST_WORDS)
        printing.cancel()
        self.state = WorkerState.ENDED
        self.inbox.put_nowait(None)
        return status

    def take(self, invocation: Invocation) -> None:
        self.state = WorkerState.BUSY
        self.invocation = invocation
        self.inbox.put_nowait(invocation)

    def settle(self, request_id: str, outcome: bytes | Failure) -> bool:
        """Hand an outcome to the invocation it belongs to; say whether there was one."""
        if self.invocation is None or self.invocation.request_id != request_id:
            return False
        self.answered += 1
        self.invocation.settle(outcome)
        self.invocation = None
        return True

    def kill(self) -> None:
        """End the process and whatever it has started."""
        self.state = WorkerState.ENDED
        if self.process is None or self.process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


async def print_output(process: asyncio.subprocess.Process) -> None:
    """Print what a worker writes to stderr: stdout is for the two addresses."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    assert process.stdout is not None
    while output := await process.stdout.read(65_536):
        # awslambdaric joins the lines of a traceback as CloudWatch wants them.
        readable = decoder.decode(output).replace("\r", "\n").replace("\xa0", " ")
        with suppress(OSError):  # nobody reads it any longer
            sys.stderr.write(readable)
            sys.stderr.flush()


def worker_environment(
    function: Function, *, region: str, runtime_api: str, worker: str
) -> dict[str, str]:
    """Return the whole environment of a worker: Lambda's variables, then the function's own."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {
        **inherited,
        **lambda_environment(function, region),
        "AWS_LAMBDA_RUNTIME_API": f"{runtime_api}/{worker}",
        "AWS_ENDPOINT_URL_SECRETS_MANAGER": f"http://{runtime_api}",
        **function.environment,
    }


def lambda_environment(function: Function, region: str) -> dict[str, str]:
    """Return the variables that Lambda sets itself; the credentials open nothing."""
    return {
        "AWS_ACCESS_KEY_ID": "emulator",
        "AWS_SECRET_ACCESS_KEY": "emulator",
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "LAMBDA_TASK_ROOT": str(function.code),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "_HANDLER": function.handler,
    }
