"""Each question is answered, whatever the times are."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import QUESTIONS
from tests.benchmarks.runtime import NEEDS_RUNTIME_CLIENT
from tests.builds import ROOT, Build

STARTS = [
    "hello world",
    "bare Django, /healthz, SQLite",
    "the site, /healthz, SQLite",
    "the site, /, SQLite",
]
ROWS = {
    "cold_start": [*STARTS, *(f"{start}, not compiled" for start in STARTS)],
    "warm_events": [
        "page, http_api",
        "page, asgi_api",
        *(
            f"{kind}, {handler}"
            for kind in ("connect", "message", "message and reply")
            for handler in ("http_api", "asgi_api", "websocket_api")
        ),
    ],
    "peer": [
        "token, ours, SQLite",
        "token, peer, SQLite",
        "connect, ours, SQLite",
        "connect, peer, SQLite",
        "message, ours, SQLite",
        "message, peer, SQLite",
        "message, bare view",
        "disconnect, ours, SQLite",
        "disconnect, peer, SQLite",
    ],
    "emulator_overhead": ["HTTP request", "socket message"],
}
# One round of it takes minutes: `test_sending.py` sends to few.
UNASKED = {"sending"}


def ask(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run `python -m benchmarks`, with no database but its own."""
    environment = {
        name: value for name, value in os.environ.items() if name != "DATABASE_URL"
    }
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.fixture(scope="module")
def results(host_build: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one round of all quick questions writes down."""
    folder = tmp_path_factory.mktemp("results")
    build = str(host_build.folder)
    asked = ask(*ROWS, "--rounds", "1", "--build", build, "--results", str(folder))
    assert asked.returncode == 0, asked.stderr
    return folder


@NEEDS_RUNTIME_CLIENT
@pytest.mark.parametrize("question", ROWS)
def test_a_question_is_answered_by_a_table_and_a_chart(results: Path, question: str):
    page = (results / f"{question}.md").read_text()
    table = [line.split(" | ") for line in page.splitlines() if line.startswith("| ")]

    assert [cells[0].removeprefix("| ") for cells in table[2:]] == ROWS[question]
    assert (results / f"{question}.svg").read_text().startswith("<svg ")


@NEEDS_RUNTIME_CLIENT
def test_a_question_about_the_emulator_builds_nothing(tmp_path: Path):
    asked = ask("emulator_overhead", "--rounds", "1", "--results", str(tmp_path))

    assert asked.returncode == 0, asked.stderr
    assert "Building" not in asked.stderr


def test_every_question_is_asked():
    assert set(ROWS) | UNASKED == set(QUESTIONS)


def test_every_question_has_its_file_in_the_results():
    written = {path.name for path in (ROOT / "benchmarks" / "results").iterdir()}

    assert written == {f"{name}.{kind}" for name in QUESTIONS for kind in ("md", "svg")}


def test_a_question_that_nobody_answers_is_refused():
    asked = ask("meaning")

    assert asked.returncode == 2
    assert "'meaning' is none of cold_start, warm_events" in asked.stderr


def test_a_build_that_is_not_there_is_named():
    asked = ask("warm_events", "--build", "/nowhere")

    assert asked.returncode == 1
    assert asked.stderr == "/nowhere/template.yaml: No such file or directory.\n"
