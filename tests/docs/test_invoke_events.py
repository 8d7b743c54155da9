"""Functions answer the events as docs/howto/invoke-events.md says."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.builds import Build
from tests.docs.pages import ROOT, blocks
from tests.emulator.conftest import Invoke
from tests.emulator.templates import function, write_template
from tests.end_to_end.stack import running_stack

PAGE = "docs/howto/invoke-events.md"
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
NUMBER = r"\d+(\.\d+)*"


def commands(*, containing: str) -> list[str]:
    """Return the lines that a reader types."""
    lines = [
        line
        for block in blocks(PAGE)
        if block.language == "sh"
        for line in block.text.splitlines()
        if containing in line
    ]
    assert lines
    return lines


def typed(
    command: str, build: Build, database: Path
) -> subprocess.CompletedProcess[str]:
    """Type a command, with an artifact and a database of the tests."""
    options = f"BUILD_DIR={build.folder} DATABASE_URL=sqlite:///{database}"
    return subprocess.run(
        command.replace("make invoke", f"make invoke {options}"),
        shell=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def shape(log: str) -> str:
    return re.sub(NUMBER, "NUMBER", re.sub(UUID, "ID", log))


def succeeded(answer: Any) -> bool:
    """Read an answer of any of the functions."""
    if "statusCode" in answer:
        return bool(answer["statusCode"] == 200)
    if "exit_code" in answer:
        return bool(answer["exit_code"] == 0)
    if "batchItemFailures" in answer:
        return bool(answer["batchItemFailures"] == [])
    return all(type(count) is int for count in answer.values())


def test_the_events_are_answered_in_the_order_of_the_page(
    host_build: Build, tmp_path: Path
) -> None:
    in_order = [
        command
        for command in commands(containing="make invoke")
        if command.endswith(".json")
    ]
    assert {re.sub(".*EVENT=", "", command) for command in in_order} == {
        f"events/{path.name}"
        for path in (ROOT / "events").glob("*.json")
        if path.name != "environment.json"
    }

    for command in in_order:
        ended = typed(command, host_build, tmp_path / "db.sqlite3")

        assert ended.returncode == 0, f"{command}: {ended.stderr}"
        assert succeeded(json.loads(ended.stdout)), f"{command}: {ended.stdout}"


def test_the_log_looks_as_it_is_printed(host_build: Build, tmp_path: Path) -> None:
    command = "make invoke FUNCTION=SiteFunction EVENT=events/page.json"
    assert command in commands(containing="page.json")
    (printed,) = [block.text for block in blocks(PAGE) if block.language == "text"]

    ended = typed(command, host_build, tmp_path / "db.sqlite3")

    assert shape(ended.stderr) == shape(printed)


@pytest.mark.parametrize("command", commands(containing="|"))
def test_answers_and_events_pass_through_pipes(
    host_build: Build, tmp_path: Path, command: str
) -> None:
    answer = json.loads(typed(command, host_build, tmp_path / "db.sqlite3").stdout)

    assert succeeded(answer)


def test_the_site_runs_from_the_artifact(host_build: Build, tmp_path: Path) -> None:
    assert commands(containing="make run") == ["make run BUILT=yes"]
    with running_stack(tmp_path, built=host_build.folder) as stack:
        with urlopen(stack.site, timeout=20) as page:
            assert page.status == 200


FAILURES = {
    "ValueError": "raise ValueError('no good')",
    "Runtime.ImportModuleError": "",  # see below: the module itself fails
    "Sandbox.Timedout": "import time; time.sleep(30)",
    "Runtime.OutOfMemory": "import time; taken = b'x' * 2**28; time.sleep(30)",
    "Runtime.ExitError": "import sys; sys.exit(3)",
}


@pytest.mark.parametrize("error_type", FAILURES)
def test_a_failure_is_told_as_the_page_says(
    tmp_path: Path, invoke: Invoke, error_type: str
) -> None:
    (row,) = re.findall(
        rf"^\|[^|]*\| `{error_type}`.*$", (ROOT / PAGE).read_text(), re.MULTILINE
    )
    (logged, *_) = re.findall("`([^`]+)`", row.split("|")[3])
    statement = FAILURES[error_type]
    code = f"def handler(event, context):\n    {statement}" if statement else "import x"
    template = write_template(tmp_path, function(Timeout=1), code=code)

    invoked = invoke(template)

    assert invoked.status == 1
    assert invoked.returned["errorType"] == error_type
    assert logged in invoked.log
