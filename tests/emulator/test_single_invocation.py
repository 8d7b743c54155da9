"""A function that is invoked once answers, fails and is logged as on Lambda."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.emulator.commands import command
from tests.emulator.conftest import Invoke
from tests.emulator.templates import function, write_template

CODE = """
import os, subprocess, sys, time

print("loading", end="")

def handler(event, context):
    print("handling", end="")
    match event.get("do"):
        case "raise":
            raise ValueError("no good")
        case "exit":
            sys.exit(event["status"])
        case "leave a child":
            child = subprocess.Popen(["sleep", "60"])
            with open(event["file"], "w") as file:
                file.write(str(child.pid))
            os._exit(3)
        case "nest":
            nested = []
            for _ in range(event["levels"]):
                nested = [nested]
            return nested
        case "kill":
            os.kill(os.getpid(), 9)
        case "sleep":
            time.sleep(30)
        case "set":
            return {1, 2}
        case "large":
            return "x" * (6 * 1024 * 1024 + 99)
        case "print":
            for number in range(20_000):
                print(number)
    return {"event": event, "id": context.aws_request_id}
"""

ID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
MILLISECONDS = r"\d+\.\d\d ms"


@pytest.fixture
def template(tmp_path: Path) -> Path:
    return write_template(tmp_path, function(Timeout=1), code=CODE)


def test_the_answer_is_stdouts_and_lambdas_log_is_stderrs(template: Path) -> None:
    with subprocess.Popen(
        command(template, "--invoke", "Function", "--event", "-"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        out, err = process.communicate('{"name": "Zoë"}', timeout=30)

    answer = json.loads(out)
    assert process.returncode == 0
    assert out.count("\n") == 1
    assert answer["event"] == {"name": "Zoë"}
    assert re.fullmatch(
        rf"""INIT_START Runtime Version: python:3\.\d+\.\S+
loading
START RequestId: (?P<id>{ID}) Version: \$LATEST
handling
END RequestId: (?P=id)
REPORT RequestId: (?P=id)\tDuration: {MILLISECONDS}\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: {MILLISECONDS}
""",
        err,
    )
    assert answer["id"] in err


def test_without_an_event_the_function_gets_an_empty_one(
    template: Path, invoke: Invoke
) -> None:
    assert invoke(template).returned["event"] == {}


def test_all_that_a_handler_prints_stands_before_its_end(
    template: Path, invoke: Invoke
) -> None:
    lines = invoke(template, event={"do": "print"}).log.splitlines()

    assert lines[-3] == "19999"
    assert lines[-2].startswith("END ")


def test_an_error_is_returned_as_lambdas_callers_get_it(
    template: Path, invoke: Invoke
) -> None:
    invoked = invoke(template, event={"do": "raise"})

    assert invoked.status == 1
    assert invoked.returned["errorType"] == "ValueError"
    assert invoked.returned["errorMessage"] == "no good"
    assert "in handler" in invoked.returned["stackTrace"][0]
    assert "[ERROR] ValueError: no good" in invoked.log
    assert "Status" not in invoked.report


@pytest.mark.parametrize(
    ("event", "error_type", "message", "logged", "status"),
    [
        (
            {"do": "exit", "status": 3},
            "Runtime.ExitError",
            "RequestId: ID Error: Runtime exited with error: exit status 3",
            "RequestId: ID Error: Runtime exited with error: exit status 3\nRuntime.ExitError\nEND",
            "error",
        ),
        (
            {"do": "exit", "status": 0},
            "Runtime.ExitError",
            "RequestId: ID Error: Runtime exited without providing a reason",
            "Runtime exited without providing a reason\nRuntime.ExitError\nEND",
            "error",
        ),
        (
            {"do": "kill"},
            "Runtime.ExitError",
            "RequestId: ID Error: Runtime exited with error: signal: killed",
            "signal: killed\nRuntime.ExitError\nEND",
            "error",
        ),
        (
            {"do": "sleep"},
            "Sandbox.Timedout",
            "RequestId: ID Error: Task timed out after 1.00 seconds",
            "Z ID Task timed out after 1.00 seconds\n\nEND",
            "timeout",
        ),
        (
            {"do": "set"},
            "Runtime.MarshalError",
            "Unable to marshal response: Object of type set is not JSON serializable",
            "handling",
            None,
        ),
        (
            {"do": "large"},
            "Function.ResponseSizeTooLarge",
            "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
            "handling",
            None,
        ),
    ],
)
def test_a_failure_is_returned_and_logged_in_lambdas_words(
    template: Path,
    invoke: Invoke,
    event: object,
    error_type: str,
    message: str,
    logged: str,
    status: str | None,
) -> None:
    invoked = invoke(template, event=event)

    report = invoked.report
    request_id = report["REPORT RequestId"]
    assert invoked.status == 1
    assert invoked.returned["errorType"] == error_type
    assert invoked.returned["errorMessage"] == message.replace("ID ", f"{request_id} ")
    assert logged.replace("ID ", f"{request_id} ") in invoked.log
    assert report.get("Status") == status
    assert report.get("Error Type") == (error_type if status == "error" else None)
    assert (report["Duration"] == "1000.00 ms") == (status == "timeout")


def test_code_that_cannot_be_loaded_is_an_init_error(
    tmp_path: Path, invoke: Invoke
) -> None:
    template = write_template(tmp_path, function(), code="import missing_module")

    invoked = invoke(template)

    assert invoked.status == 1
    assert "No module named 'missing_module'" in invoked.returned["errorMessage"]
    error_type = invoked.returned["errorType"]
    assert re.search(
        rf"INIT_REPORT Init Duration: {MILLISECONDS}\tPhase: init\tStatus: error\tError Type: {error_type}\n"
        rf"START RequestId: {ID} Version: \$LATEST\n",
        invoked.log,
    )
    assert invoked.report["Error Type"] == error_type
    assert "Init Duration" not in invoked.report


def test_a_runtime_that_ends_while_it_loads_is_an_init_error(
    tmp_path: Path, invoke: Invoke
) -> None:
    template = write_template(tmp_path, function(), code="import os\nos._exit(5)")

    invoked = invoke(template)

    assert "Phase: init\tStatus: error\tError Type: Runtime.ExitError" in invoked.log
    assert invoked.returned["errorMessage"].endswith("exit status 5")


def test_a_function_that_ends_takes_its_children_along(
    template: Path, invoke: Invoke, tmp_path: Path
) -> None:
    file = tmp_path / "child"

    invoke(template, event={"do": "leave a child", "file": str(file)})

    deadline = time.monotonic() + 5
    while psutil.pid_exists(child := int(file.read_text())):
        if psutil.Process(child).status() == psutil.STATUS_ZOMBIE:
            break  # nobody in this container may reap it
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_an_answer_that_is_nested_too_deeply_is_a_failure_of_the_function(
    template: Path, invoke: Invoke
) -> None:
    levels = sys.getrecursionlimit() - 15

    invoked = invoke(template, event={"do": "nest", "levels": levels})

    assert "\nREPORT RequestId: " in invoked.log
    assert "Traceback" not in invoked.log.partition("\nEND ")[2]
