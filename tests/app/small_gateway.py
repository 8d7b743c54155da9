"""A small server that answers as the Management API does, one call after the other."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import unquote

DROPPED = 0  # in place of a status: the connection ends without an answer
ERROR_TYPES = {
    400: "BadRequestException",
    403: "ForbiddenException",
    410: "GoneException",
    429: "LimitExceededException",
}


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def connection_id(self) -> str:
        return unquote(self.path.rpartition("/")[2])

    @property
    def signed(self) -> str:
        """Which headers are signed, and for what."""
        authorization = self.headers["authorization"]
        return authorization.partition(",")[2].partition(", Signature=")[0]


class SmallGateway(ThreadingHTTPServer):
    """Remembers all calls; each is answered with 200, or as it is told."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Answers)
        self.calls: list[Call] = []
        self.connections = 0
        self.statuses: dict[str, list[int]] = {}

    @property
    def callback_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/production"

    def answer(self, connection_id: str, *statuses: int) -> None:
        """Answer calls like this, one after the other; the last one stays."""
        self.statuses[connection_id] = list(statuses)

    def next_status(self, connection_id: str) -> int:
        statuses = self.statuses.get(connection_id, [200])
        return statuses.pop(0) if len(statuses) > 1 else statuses[0]

    @property
    def bodies(self) -> dict[str, list[bytes]]:
        """What was posted to each connection."""
        bodies = defaultdict(list)
        for call in self.calls:
            bodies[call.connection_id].append(call.body)
        return bodies


class Answers(BaseHTTPRequestHandler):
    server: SmallGateway
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = Call(self.command, self.path, headers, body, time.monotonic())
        self.server.calls.append(call)
        status = self.server.next_status(call.connection_id)
        if status == DROPPED:
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Length", "0")
        if status in ERROR_TYPES:
            self.send_header("x-amzn-ErrorType", ERROR_TYPES[status])
        self.end_headers()

    do_DELETE = do_POST

    def log_message(self, *args: object) -> None:
        """Nothing: the calls are remembered."""


@contextmanager
def running_gateway(port: int = 0) -> Iterator[SmallGateway]:
    with SmallGateway(port) as gateway:
        thread = Thread(target=gateway.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield gateway
        finally:
            gateway.shutdown()
            thread.join()
