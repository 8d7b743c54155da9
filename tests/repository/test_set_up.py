"""`make` on a machine that has too little, or more than one Python."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.stack import ROOT

TOOLS = ("make", "sh", "awk", "touch", "mkdir")
TOO_OLD = "#!/bin/sh\nexit 1\n"
WITHOUT_VENV = """#!/bin/sh
case "$2" in *ensurepip*) exit 1;; *) exit 0;; esac
"""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A checkout's Makefile, and a PATH with nothing but the tools it needs."""
    commands = tmp_path / "bin"
    commands.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (commands / tool).symlink_to(found)
    for name in ("Makefile", "requirements-uv.txt", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def install(machine: Path, name: str, script: str) -> None:
    command = machine / "bin" / name
    command.write_text(script)
    command.chmod(0o755)


def make(machine: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=machine,
        env={"PATH": str(machine / "bin"), "HOME": str(machine)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def sentences(ended: subprocess.CompletedProcess[str]) -> list[str]:
    said = ended.stdout + ended.stderr
    return [
        line for line in said.splitlines() if not re.match(r"make(\[\d\])?: ", line)
    ]


def test_without_a_python_that_is_new_enough_one_sentence_says_so(
    machine: Path,
) -> None:
    install(machine, "python3", TOO_OLD)

    ended = make(machine, "run")

    assert ended.returncode != 0
    assert sentences(ended) == [
        "This needs Python 3.11 or newer, and none is on the PATH: install one and run make again."
    ]


def test_without_venv_one_sentence_says_so(machine: Path) -> None:
    install(machine, "python3", WITHOUT_VENV)

    ended = make(machine, "run")

    assert ended.returncode != 0
    assert sentences(ended) == [
        "python3 comes without venv: install it (on Debian: apt-get install python3-venv) and run make again."
    ]


def test_a_newer_python_beside_one_that_is_too_old_is_used(machine: Path) -> None:
    install(machine, "python3", TOO_OLD)
    install(machine, "python3.11", f'#!/bin/sh\nexec {sys.executable} "$@"\n')

    dry_run = make(machine, "--dry-run", "run")

    assert "python3.11 -m venv --clear .venv" in dry_run.stdout


def test_make_alone_prints_each_target_in_one_line(machine: Path) -> None:
    listed = [line.split()[1] for line in make(machine).stdout.splitlines()]

    assert {
        "help",
        "run",
        "test",
        "lint",
        "types",
        "validate",
        "manage",
        "clean",
    } <= set(listed)


def test_a_taken_port_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = subprocess.run(
            [
                "make",
                "run",
                f"PORT={port}",
                f"DATABASE_URL=sqlite:///{tmp_path / 'db'}",
            ],
            cwd=ROOT,
            env={**os.environ, "MAKEFLAGS": ""},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert ended.returncode != 0
    (sentence,) = sentences(ended)
    assert sentence.startswith(
        f"gateway_emulator: Port {port} on 127.0.0.1 cannot be used"
    )


@pytest.mark.parametrize("mode", ["http", "lambda"])
def test_management_commands_run_in_the_sites_environment(
    tmp_path: Path, mode: str
) -> None:
    ended = subprocess.run(
        [
            "make", "--no-print-directory", "manage", "COMMAND=check --fail-level WARNING",
            f"INTEGRATION={mode}", f"DATABASE_URL=sqlite:///{tmp_path / 'db'}",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )  # fmt: skip

    assert "System check identified no issues" in ended.stdout, ended.stderr
