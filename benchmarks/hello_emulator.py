"""The hello-world function on the gateway emulator, and the clients that ask it."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from websockets.sync.client import ClientConnection, connect

from benchmarks.errors import BenchmarkError
from benchmarks.hello import TEMPLATE
from benchmarks.runtime import PYTHON, ROOT, milliseconds_since
from benchmarks.runtime_api import PATIENCE


@dataclass(frozen=True)
class HelloClient:
    """One open connection to each API."""

    site: http.client.HTTPConnection
    socket: ClientConnection

    def request(self) -> float:
        """Return the milliseconds of a request, until its whole answer is there."""
        begin = time.perf_counter()
        self.site.request("GET", "/")
        answer = self.site.getresponse().read()
        took = milliseconds_since(begin)
        require_hello(answer)
        return took

    def message(self) -> float:
        """Return the milliseconds of a message, until the function's answer is there."""
        begin = time.perf_counter()
        self.socket.send('{"action": "hello"}')
        answer = self.socket.recv(timeout=PATIENCE, decode=False)
        took = milliseconds_since(begin)
        require_hello(answer)
        return took


def require_hello(answer: bytes) -> None:
    if answer != b"hello":
        raise BenchmarkError(f"Through the emulator came {answer!r}, and not hello.")


@contextmanager
def hello_client(folder: Path) -> Iterator[HelloClient]:
    """Run the emulator on what `hello_world` has put into a folder while the block runs."""
    with running_emulator(folder) as (http_port, websocket_port):
        site = http.client.HTTPConnection("127.0.0.1", http_port, timeout=PATIENCE)
        address = f"ws://127.0.0.1:{websocket_port}/production"
        with closing(site), connect(address, compression=None) as socket_:
            yield HelloClient(site, socket_)


@contextmanager
def running_emulator(folder: Path) -> Iterator[tuple[int, int]]:
    ports = free_port(), free_port()
    command = [
        sys.executable, "-m", "gateway_emulator", "--template", str(folder / TEMPLATE),
        "--http-port", str(ports[0]), "--websocket-port", str(ports[1]), "--python", str(PYTHON),
    ]  # fmt: skip
    log = folder / "log"
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr
        ) as process,
    ):
        try:
            assert process.stdout is not None
            addresses = [process.stdout.readline() for _ in ports]
            if not all(addresses):
                raise BenchmarkError(f"The emulator ends:\n{log.read_text()}")
            yield ports
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
            process.kill()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
