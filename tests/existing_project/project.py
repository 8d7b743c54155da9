"""A project of somebody's own, into which docs/howto/existing-project.md is followed."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Never, Self

import pytest

from tests.docs.pages import Block, blocks
from tests.docs.site_copy import change
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
PAGE = "docs/howto/existing-project.md"
CLONE = "~/django-serverless-websockets"
UV = Path(sys.executable).parent / "uv"
SOON = 30  # seconds; two on a machine that does nothing else


class IndexIsOutOfReach(Exception):
    """Raised when packages cannot be had, with what uv says."""


def not_to_be_had(error: IndexIsOutOfReach) -> Never:
    if os.environ.get("CI") == "true":
        pytest.fail(f"Packages cannot be installed: {error}")
    pytest.skip(f"needs packages, which cannot be installed here: {error}")


@dataclass(frozen=True)
class Project:
    """Lies in `~/shop` beside the clone, with an environment of its own."""

    home: Path
    site_port: int
    socket_port: int

    @property
    def folder(self) -> Path:
        return self.home / "shop"

    @property
    def environment(self) -> Path:
        return self.home / "environment"

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.site_port}"

    @classmethod
    def begin(cls, home: Path, wheel: Path, *, python: str, django: str) -> Self:
        """Make what there is before the page begins, and install as it says."""
        project = cls(home, free_port(), free_port())
        uv("venv", "--quiet", "--python", python, project.environment)
        assert shell_block(containing="pip") == f"python -m pip install {CLONE}\n"
        install = ("pip", "install", "--quiet", "--python", project.environment)
        uv(*install, django, wheel)
        (home / CLONE.removeprefix("~/")).symlink_to(ROOT)
        project.run("django-admin startproject shop")
        return project

    def follow(self, block: Block) -> None:
        """Save a file or change one; `sh` without a caption is for a terminal."""
        file = self.folder / block.caption
        if block.language == "diff":
            change(file, block.text)
        elif block.caption:
            file.write_text(self.at_its_ports(block.text))

    def at_its_ports(self, text: str) -> str:
        return (
            text.replace("127.0.0.1:8000", f"127.0.0.1:{self.site_port}")
            .replace("127.0.0.1:8001", f"127.0.0.1:{self.socket_port}")
            .replace("manage.py runserver", f"manage.py runserver {self.site_port}")
            .replace(
                "-m gateway_emulator",
                f"-m gateway_emulator --websocket-port {self.socket_port}",
            )
            .replace(".venv/bin/python", shlex.quote(sys.executable))
            .replace("createsuperuser", "createsuperuser --noinput --username alice")
            .replace("make .venv/run\n", "")  # as it is in use
        )

    def run(self, commands: str) -> None:
        in_folder = self.folder if self.folder.exists() else self.home
        subprocess.run(
            ["sh", "-ec", commands], cwd=in_folder, env=self.variables(), check=True
        )

    @contextmanager
    def terminal(self, commands: str, log: Path) -> Iterator["subprocess.Popen[str]"]:
        """Type commands, of which the last one serves until it is interrupted."""
        with (
            log.open("w") as stderr,
            subprocess.Popen(
                ["sh", "-ec", self.at_its_ports(commands)],
                cwd=self.folder,
                env=self.variables(),
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                start_new_session=True,
            ) as process,
        ):
            try:
                yield process
            finally:
                os.killpg(process.pid, signal.SIGTERM)

    def variables(self) -> dict[str, str]:
        """A terminal's, in which the environment is activated."""
        others = ("AWS_", "COV_", "COVERAGE_", "DJANGO_", "PYTHON", "VIRTUAL_ENV")
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(others)
        }
        return {
            **kept,
            "DJANGO_SUPERUSER_EMAIL": "alice@shop.example",
            "DJANGO_SUPERUSER_PASSWORD": "secret",
            "HOME": str(self.home),
            "PATH": f"{self.environment / 'bin'}:{os.environ['PATH']}",
            "PYTHONUNBUFFERED": "1",
        }


def uv(*arguments: object) -> None:
    ended = subprocess.run(
        [UV, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if ended.returncode:
        raise IndexIsOutOfReach(ended.stderr)


def built_wheel(folder: Path) -> Path:
    uv("build", "--quiet", "--wheel", "--out-dir", folder, ROOT)
    [wheel] = folder.glob("*.whl")
    return wheel


def shell_block(*, containing: str) -> str:
    (found,) = [
        block.text
        for block in blocks(PAGE)
        if block.language == "sh" and not block.caption and containing in block.text
    ]
    return found


def texts_without_caption() -> list[Block]:
    return [
        block
        for block in blocks(PAGE)
        if block.language == "text" and not block.caption
    ]


@contextmanager
def running_project(
    home: Path, wheel: Path, *, python: str, django: str
) -> Iterator[Project]:
    """The project at the end of the page, while the block runs."""
    try:
        project = Project.begin(home, wheel, python=python, django=django)
    except IndexIsOutOfReach as error:
        not_to_be_had(error)
    with running(project):
        yield project


@contextmanager
def running(project: Project) -> Iterator[None]:
    """Follow the page until two terminals serve."""
    for block in blocks(PAGE):
        if "startapp" in block.text:
            project.run(block.text)
        project.follow(block)
    terminals = ("runserver", "gateway_emulator")
    site, gateway = (shell_block(containing=each) for each in terminals)
    site_log, gateway_log = (project.home / f"{each}.log" for each in terminals)
    with (
        project.terminal(site, site_log) as site_process,
        project.terminal(gateway, gateway_log) as gateway_process,
    ):
        assert gateway_process.stdout is not None
        [printed] = texts_without_caption()
        first_line = gateway_process.stdout.readline()
        assert first_line == project.at_its_ports(printed.text), gateway_log.read_text()
        wait_for(project.site_port, site_process, site_log)
        yield


def wait_for(port: int, process: "subprocess.Popen[str]", log: Path) -> None:
    """Wait until a process listens; what it has written says why it does not."""
    deadline = time.monotonic() + SOON
    while not listens(port):
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
