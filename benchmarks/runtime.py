"""A function in a fresh process of AWS's runtime client."""

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

from benchmarks.errors import BenchmarkError
from benchmarks.runtime_api import PATIENCE, RuntimeApi
from gateway_emulator.functions import lambda_environment
from gateway_emulator.template.deployment import Function

ROOT = Path(__file__).parents[1]
# Holds what Lambda's runtime holds, and nothing else.
PYTHON = ROOT / ".venv-lambda" / "bin" / "python"


@contextmanager
def running(function: Function) -> Iterator["FunctionProcess"]:
    """Run a fresh process of the function while the block runs."""
    process = FunctionProcess(function)
    try:
        process.become_ready()
        yield process
    finally:
        process.end()


class FunctionProcess:
    """The process, and `init`: how long it took until it asked for an event."""

    init: float

    def __init__(self, function: Function) -> None:
        self.function = function
        self.runtime_api = RuntimeApi()
        self.output = tempfile.TemporaryFile()  # noqa: SIM115 - end() closes it
        self.begin = time.perf_counter()
        self.process = subprocess.Popen(
            [PYTHON, "-m", "awslambdaric", self.function.handler],
            cwd=self.function.code,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
        )

    def become_ready(self) -> None:
        self.await_readiness()
        self.init = milliseconds_since(self.begin)

    def environment(self) -> dict[str, str]:
        return {
            **lambda_environment(self.function, "us-east-1"),
            "AWS_LAMBDA_RUNTIME_API": self.runtime_api.address,
            "PYTHONDONTWRITEBYTECODE": "1",  # /var/task is read-only
            **self.function.environment,
        }

    def timed(self, event: Any) -> float:
        """Return the milliseconds of an event that has to be answered with 200."""
        answer, took = self.invoke(event)
        self.require_ok(answer)
        return took

    def answer(self, event: Any) -> Any:
        """Return the function's answer, which has to be a 200."""
        answer, _ = self.invoke(event)
        self.require_ok(answer)
        return answer

    def invoke(self, event: Any) -> tuple[Any, float]:
        """Return the function's answer, and its milliseconds."""
        written = json.dumps(event).encode()
        begin = time.perf_counter()
        self.runtime_api.reply("200 OK", written)
        path, answer = self.asked()
        took = milliseconds_since(begin)
        self.runtime_api.reply("202 Accepted")
        if not path.endswith("/response"):
            raise self.broken(f"fails: {answer.decode()}")
        self.await_readiness()
        return json.loads(answer), took

    def require_ok(self, answer: Any) -> None:
        if answer["statusCode"] != HTTPStatus.OK:
            raise self.broken(f"answers {answer}")

    def await_readiness(self) -> None:
        path, body = self.asked()
        if not path.endswith("/invocation/next"):
            raise self.broken(f"does not start: {body.decode()}")

    def asked(self) -> tuple[str, bytes]:
        try:
            return self.runtime_api.asked()
        except TimeoutError:
            raise self.broken(f"says nothing for {PATIENCE} seconds") from None

    def broken(self, how: str) -> BenchmarkError:
        self.output.seek(0)
        printed = self.output.read().decode(errors="replace").replace("\r", "\n")
        return BenchmarkError(f"{self.function.handler} {how}\nIt printed:\n{printed}")

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.runtime_api.end()
        self.output.close()


def compile_runtime() -> None:
    """Import the runtime client once and so compile it, as Lambda's own is."""
    if not PYTHON.exists():
        raise BenchmarkError(f"There is no {PYTHON}: `make build` makes it.")
    command = [str(PYTHON), "-c", "import awslambdaric.__main__"]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        raise BenchmarkError(
            f"{PYTHON} has no awslambdaric, AWS's runtime client, which there is for Linux"
            " only: measure there."
        )


def milliseconds_since(begin: float) -> float:
    return (time.perf_counter() - begin) * 1000
