"""Somebody on the way to the Management API, who hears what is asked for."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from select import select
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread

REQUEST_LINE = re.compile(rb"((?:POST|DELETE) /\S+) HTTP/1\.1\r\n")
PATIENCE = 0.1  # seconds between two looks at whether all is over


class Relay(ThreadingTCPServer):
    """Passes bytes on both ways, and keeps what was asked for on each connection."""

    allow_reuse_address = True
    daemon_threads = False

    def __init__(self, port: int, *, to: int) -> None:
        self.to = to
        self.connections: list[bytearray] = []
        self.has_ended = False
        super().__init__(("127.0.0.1", port), PassesOn)

    def forget(self) -> None:
        self.connections.clear()

    @property
    def requests(self) -> list[str]:
        """For example `POST /production/@connections/gbgBRs9dGQAYKEh7VA%3D%3D`."""
        lines = (REQUEST_LINE.findall(bytes(asked)) for asked in self.connections)
        return [line.decode() for each in lines for line in each]


class PassesOn(BaseRequestHandler):
    server: Relay

    def handle(self) -> None:
        asked = bytearray()
        self.server.connections.append(asked)
        with socket.create_connection(("127.0.0.1", self.server.to)) as there:
            other = {self.request: there, there: self.request}
            while not self.server.has_ended:
                for each in select(list(other), [], [], PATIENCE)[0]:
                    data = each.recv(65_536)
                    if not data:
                        return
                    if each is self.request:
                        asked += data
                    other[each].sendall(data)

    def finish(self) -> None:
        self.request.close()


@contextmanager
def relayed(*, to: int, port: int = 0) -> Iterator[Relay]:
    """Pass on to a port of this machine while the block runs."""
    with Relay(port, to=to) as relay:
        thread = Thread(target=relay.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield relay
        finally:
            relay.has_ended = True
            relay.shutdown()
            thread.join()
