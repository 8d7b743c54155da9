"""One client's connection: its handshake, then its requests, one after the other."""

import re
import ssl
from collections.abc import Iterator

AT_ONCE = 65536  # bytes: more than a TLS record holds
POST = re.compile(rb"POST /[^ ]*(?:@|%40)connections/([^ /]+) HTTP/1\.1\r\n")
CONTENT_LENGTH = re.compile(rb"\r\n[Cc]ontent-[Ll]ength: *(\d+)\r\n")
NOBODY = b""


class Connection:
    """A socket that never blocks, and what is there of a request that is not whole yet.

    It finds out that it is closed when it reads or writes.
    """

    def __init__(self, sock: ssl.SSLSocket) -> None:
        self.sock = sock
        self.received = b""
        self.is_open = True
        self.is_secure = False

    def arrived(self) -> Iterator[bytes]:
        """Yield whom each request is for that is whole now; NOBODY if it is no POST."""
        try:
            if not self.is_secure:
                self.sock.do_handshake()
                self.is_secure = True
            data = self.sock.recv(AT_ONCE)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return
        except OSError:  # a reset, or a handshake that fails
            data = b""
        self.is_open = bool(data)
        self.received += data
        yield from self.whole_requests()

    def whole_requests(self) -> Iterator[bytes]:
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            length = CONTENT_LENGTH.search(self.received, 0, end + 2)
            end += 4 + (int(length[1]) if length else 0)
            if len(self.received) < end:
                return
            post = POST.match(self.received)
            self.received = self.received[end:]
            yield post[1] if post else NOBODY

    def send(self, answer: bytes) -> None:
        # Short of hundreds of unread answers, which nobody leaves, the socket takes it.
        try:
            self.sock.send(answer)
        except OSError:
            self.is_open = False
