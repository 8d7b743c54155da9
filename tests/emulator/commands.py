"""The emulator's command, and the processes that it leads to."""

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def command(template: Path, *arguments: object) -> list[str]:
    return [
        sys.executable,
        "-m",
        "gateway_emulator",
        "--template",
        str(template),
        *map(str, arguments),
    ]


def run(template: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(template, *arguments),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@contextmanager
def started(
    template: Path, *arguments: object
) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Run the emulator and give its process and the addresses it prints."""
    with subprocess.Popen(
        command(template, *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield process, [process.stdout.readline().rstrip("\n") for _ in range(2)]
        finally:
            process.kill()


def worker_of(site: str) -> int:
    with urllib.request.urlopen(site.removeprefix("Site: ")) as response:
        return int(response.read())
