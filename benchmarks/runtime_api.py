"""The Lambda Runtime API for one function process.

One thread asks and answers in turn, so that nothing but the function is in the times.
Source: "Using the Lambda runtime API for custom runtimes", Lambda Developer Guide.
"""

import socket
import time
from http.client import parse_headers

PATIENCE = 30  # seconds


class RuntimeApi:
    """Listens on loopback; `asked` and `reply` follow each other."""

    def __init__(self) -> None:
        self.connection: socket.socket | None = None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(PATIENCE)
        host, port = self.listener.getsockname()
        self.address = f"{host}:{port}"

    def asked(self) -> tuple[str, bytes]:
        """Return what the runtime client asks next: a path, and a body."""
        line = self.first_line()
        headers = parse_headers(self.received)
        body = self.received.read(int(headers.get("Content-Length", 0)))
        return line.split()[1].decode(), body

    def first_line(self) -> bytes:
        while True:
            if self.connection is None:
                self.accept()
            if line := self.received.readline():
                return line
            self.hang_up()  # the client goes on with another connection

    def accept(self) -> None:
        self.connection, _ = self.listener.accept()
        self.connection.settimeout(PATIENCE)
        # Otherwise the system collects small packets, and a call takes 80 ms longer.
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = self.connection.makefile("rb")

    def reply(self, status: str, body: bytes = b"") -> None:
        assert self.connection is not None
        head = (
            f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n"
            "Content-Type: application/json\r\n"
            "Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n"
            f"Lambda-Runtime-Deadline-Ms: {int((time.time() + PATIENCE) * 1000)}\r\n"
            "Lambda-Runtime-Invoked-Function-Arn: "
            "arn:aws:lambda:us-east-1:123456789012:function:benchmark\r\n\r\n"
        )
        self.connection.sendall(head.encode() + body)

    def hang_up(self) -> None:
        if self.connection is not None:
            self.received.close()
            self.connection.close()
            self.connection = None

    def end(self) -> None:
        self.hang_up()
        self.listener.close()
