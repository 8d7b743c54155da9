"""The artifact in the runtime interface emulator that SAM CLI ships, with what Lambda's runtime holds."""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.builds import ROOT, THIS_MACHINE, Build
from tests.ports import free_port

PYTHON = ROOT / ".venv-lambda" / "bin" / "python"
EVENTS = ROOT / "events"

Invoke = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def emulator() -> Path:
    """RIE's binary, which there is for Linux only."""
    found = list(
        (ROOT / ".venv-sam").glob(
            f"lib/*/*/samcli/local/rapid/*{THIS_MACHINE.architecture}"
        )
    )
    assert found, "SAM CLI is not installed: run make test"
    return found[0]


@contextmanager
def function(
    emulator: Path, artifact: Path, handler: str, *, database: Path, log: Path
) -> Iterator[Invoke]:
    """Run a handler of the artifact while the block runs."""
    port, runtime_port = free_port(), free_port()
    variables = json.loads((EVENTS / "environment.json").read_text())["Parameters"]
    with (
        log.open("w") as output,
        subprocess.Popen(
            [
                emulator, "--log-level", "warn",
                "--runtime-interface-emulator-address", f"127.0.0.1:{port}",
                "--runtime-api-address", f"127.0.0.1:{runtime_port}",
                PYTHON, "-m", "awslambdaric", handler,
            ],
            cwd=artifact,
            env={
                "PATH": os.environ["PATH"],
                "LAMBDA_TASK_ROOT": str(artifact),
                "PYTHONPATH": f"{artifact}:{artifact / 'django_app'}",
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "DATABASE_URL": f"sqlite:///{database}",
                "WEBSOCKET_INTEGRATION": "http",
                "AWS_REGION": "eu-central-1",
                "AWS_LAMBDA_FUNCTION_TIMEOUT": "29",
                **variables,
            },
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):  # fmt: skip
        try:
            yield lambda name: invoke(port, EVENTS / name)
        finally:
            process.terminate()


def invoke(port: int, event: Path) -> dict[str, Any]:
    address = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
    request = urllib.request.Request(address, event.read_bytes())
    for _ in range(50):
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                answer: dict[str, Any] = json.load(response)
                return answer
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:  # it has not started to listen
            time.sleep(0.1)
    raise TimeoutError(f"{address} does not answer")


def test_the_artifact_migrates_and_answers(
    emulator: Path, host_build: Build, tmp_path: Path
) -> None:
    database, log = tmp_path / "db.sqlite3", tmp_path / "log"

    with function(
        emulator,
        host_build.folder / "ManageFunction",
        "lambda_handlers.manage.handler",
        database=database,
        log=log,
    ) as manage:
        migrated = manage("manage.json")
    with function(
        emulator,
        host_build.folder / "SiteFunction",
        "lambda_handlers.http_api.handler",
        database=database,
        log=log,
    ) as site:
        page, connected = site("page.json"), site("http_connect.json")

    assert migrated["exit_code"] == 0
    assert page["statusCode"] == 200
    assert "<!doctype html>" in page["body"]
    assert (connected["statusCode"], connected["body"]) == (200, "{}")
    assert "REPORT RequestId: " in log.read_text()
