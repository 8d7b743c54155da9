"""A function that is invoked once answers, fails and is logged as on Lambda."""

import json
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.emulator.commands import command, run
from tests.emulator.conftest import Invoke
from tests.emulator.templates import function, http_api, websocket_api, write_template

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


def test_a_function_that_no_route_reaches_is_invoked(
    tmp_path: Path, invoke: Invoke
) -> None:
    lone = {"Lone": function(Handler="app.handler")["Function"]}
    template = write_template(tmp_path, function(), http_api(), lone, code=CODE)

    assert invoke(template, function="Lone", event={"a": 1}).returned["event"] == {
        "a": 1
    }


def test_one_that_does_not_exist_here_is_one_sentence(
    tmp_path: Path, invoke: Invoke
) -> None:
    conditional = {"Red": {**function()["Function"], "Condition": "IsRed"}}
    inline = {"Inline": function(InlineCode="pass")["Function"]}
    template = write_template(
        tmp_path,
        function(),
        conditional,
        inline,
        Parameters={"Color": {"Type": "String", "Default": "blue"}},
        Conditions={"IsRed": {"Fn::Equals": [{"Ref": "Color"}, "red"]}},
    )

    unknown = invoke(template, function="Nothing")
    not_made = invoke(template, function="Red")
    not_run = invoke(template, function="Inline")

    assert (unknown.status, unknown.returned) == (1, None)
    assert unknown.log.endswith("no function 'Nothing' (it has: Function).\n")
    assert "Red: its Condition IsRed does not hold" in not_made.log
    assert "Inline: " in not_run.log


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (None, "event.json cannot be read (No such file or directory)."),
        (b"{\n  'a': 1}", "is not JSON (Expecting property name enclosed in double quotes, line 2 column 3)."),
        (b'{"a": "\xff"}', "is not UTF-8 text (at byte 7)."),
        (b"", "is not JSON (Expecting value, line 1 column 1)."),
        (b"[" * 100_000, "is not JSON ("),
        (b'"' + b"x" * (6 * 1024 * 1024) + b'"', "Request must be smaller than 6291456 bytes for the InvokeFunction operation"),
    ],
)  # fmt: skip
def test_an_event_that_cannot_be_sent_is_one_sentence(
    template: Path, invoke: Invoke, written: bytes | None, sentence: str
) -> None:
    event = template.parent / "event.json"
    if written is not None:
        event.write_bytes(written)

    invoked = invoke(template, "--event", event)

    assert (invoked.status, invoked.returned) == (1, None)
    assert invoked.log.startswith(f"gateway_emulator: --event: {event} ")
    assert sentence in invoked.log
    assert invoked.log.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--event", "x.json"], "--event needs --invoke"),
        (["--invoke", "F", "--in-process"], "--in-process and --invoke exclude"),
        (["--invoke", "F", "--print-environment", "F"], "--invoke exclude each other"),
        (["--python", "x", "--in-process"], "--in-process and --python exclude"),
    ],
)
def test_options_that_contradict_each_other_show_the_usage(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
) -> None:
    from gateway_emulator.command_line import main

    monkeypatch.setattr("sys.argv", ["x", "--template", "template.yaml", *arguments])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 2
    assert sentence in capfd.readouterr().err


def test_a_template_without_an_api_cannot_be_served(tmp_path: Path) -> None:
    ended = run(write_template(tmp_path, function()))

    assert ended.returncode == 1
    assert "no HTTP API and no WebSocket API; --invoke runs a function" in ended.stderr


def test_both_apis_ports_may_be_taken_meanwhile(tmp_path: Path, invoke: Invoke) -> None:
    template = write_template(
        tmp_path, function(), http_api(), websocket_api("$default"), code=CODE
    )

    with (
        socket.create_server(("127.0.0.1", 0)) as site,
        socket.create_server(("127.0.0.1", 0)) as sockets,
    ):
        http_port, websocket_port = (
            listener.getsockname()[1] for listener in (site, sockets)
        )
        ports = ("--http-port", http_port, "--websocket-port", websocket_port)

        assert invoke(template, *ports).status == 0


def test_both_apis_may_have_one_port_where_neither_is_served(
    tmp_path: Path, invoke: Invoke
) -> None:
    template = write_template(
        tmp_path, function(), http_api(), websocket_api("$default"), code=CODE
    )

    same = ("--http-port", 9000, "--websocket-port", 9000)

    assert invoke(template, *same).status == 0


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
