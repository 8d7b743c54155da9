"""A signal ends the emulator and all that it has started."""

import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import suppress
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.emulator.commands import command, started, worker_of
from tests.emulator.templates import (
    ALL_ROUTES,
    function,
    http_api,
    websocket_api,
    write_template,
)
from tests.ports import free_port


def is_running(process_id: int) -> bool:
    try:
        status = Path(f"/proc/{process_id}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_two_seconds_after_a_signal_nothing_is_left(
    template: Path, number: int
) -> None:
    ports = ("--http-port", free_port(), "--websocket-port", free_port())

    with started(template, *ports) as (process, (site, _)):
        worker = worker_of(site)
        began = time.monotonic()
        process.send_signal(number)
        process.wait(timeout=5)
        while is_running(worker) and time.monotonic() - began < 2:
            time.sleep(0.02)

        assert time.monotonic() - began < 2
        assert process.returncode == (0 if number != signal.SIGKILL else -9)
    assert not is_running(worker)


STUBBORN = """
import os, re, signal, subprocess, sys

def handler(event, context):
    print(f"worker {os.getpid()}", file=sys.stderr, flush=True)
    match event["rawPath"]:
        case "/spin":  # holds the interpreter's lock
            re.match(r"(a+)+$", "a" * 40 + "b")
        case "/stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "/child":
            print(f"worker {subprocess.Popen(['sleep', '60']).pid}", file=sys.stderr, flush=True)
            subprocess.run(["sleep", "60"])
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("path", ["/spin", "/stop", "/child"])
def test_a_worker_that_cannot_listen_is_ended_all_the_same(
    tmp_path: Path, path: str, number: int
) -> None:
    template = write_template(
        tmp_path,
        function(Timeout=60),
        http_api(),
        websocket_api(*ALL_ROUTES),
        code=STUBBORN,
    )
    ports = ("--http-port", free_port(), "--websocket-port", free_port())

    with started(template, *ports) as (process, (site, _)):
        address = urlsplit(site.removeprefix("Site: "))
        with socket.create_connection((address.hostname, address.port)) as client:
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            workers = printed_workers(process, number=2 if path == "/child" else 1)
            time.sleep(0.1)  # until it is in the midst of it
            process.send_signal(number)
            began = time.monotonic()
            process.wait(timeout=2)
        while any(map(is_running, workers)) and time.monotonic() - began < 2:
            time.sleep(0.02)

    assert not any(map(is_running, workers))


def printed_workers(process: "subprocess.Popen[str]", *, number: int) -> list[int]:
    """Wait for the ids of so many processes."""
    assert process.stderr is not None
    lines = (line for line in process.stderr if line.startswith("worker "))
    return [int(line.split()[1]) for line in islice(lines, number)]


def test_in_process_a_busy_handler_does_not_delay_the_end(tmp_path: Path) -> None:
    code = "import time\ndef handler(event, context):\n    time.sleep(60)\n"
    template = write_template(
        tmp_path, function(), http_api(), websocket_api(*ALL_ROUTES), code=code
    )
    ports = ("--http-port", free_port(), "--websocket-port", free_port())

    with started(template, *ports, "--in-process") as (process, (site, _)):
        with suppress(TimeoutError):
            urllib.request.urlopen(site.removeprefix("Site: "), timeout=0.5)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=2)

    assert process.returncode == 0


@pytest.mark.parametrize("delay", [0.6, 0.9, 1.2])
def test_an_interrupt_during_the_start_ends_it_without_a_traceback(
    tmp_path: Path, delay: float
) -> None:
    template = write_template(tmp_path, function(), http_api())
    with subprocess.Popen(
        command(template, "--http-port", free_port()),
        stderr=subprocess.PIPE,
        text=True,
        # As a shell starts what it runs in the background.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    ) as process:
        try:
            time.sleep(delay)
            process.send_signal(signal.SIGINT)
            _, written = process.communicate(timeout=2)
        finally:
            process.kill()

    assert "Traceback" not in written


def test_what_a_function_prints_in_process_is_no_address(tmp_path: Path) -> None:
    code = "def handler(event, context):\n    print('Site: http://elsewhere')\n"
    template = write_template(
        tmp_path, function(), http_api(), websocket_api(*ALL_ROUTES), code=code
    )
    ports = ("--http-port", free_port(), "--websocket-port", free_port())

    with started(template, *ports, "--in-process") as (process, (site, _)):
        with urllib.request.urlopen(site.removeprefix("Site: ")):
            process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=5)

    assert out == ""
    assert "Site: http://elsewhere" in err
