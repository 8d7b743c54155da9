"""A server on loopback that does with each connection what a test's script says."""

import select
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Thread
from typing import NamedTuple
from urllib.parse import unquote


class Asked(NamedTuple):
    """One request, as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float
    peer: int

    @property
    def connection_id(self):
        return unquote(self.path.rpartition("/")[2])


class Peer:
    """One connection, number so-and-so: a script reads, says, waits, leaves or drops it.

    A script that returns has closed the connection.
    """

    def __init__(self, server, number, accepted):
        self.server = server
        self.number = number
        self.socket = accepted
        self.file = None

    def shake_hands(self):
        if self.server.context:
            self.socket = self.server.context.wrap_socket(
                self.socket, server_side=True, suppress_ragged_eofs=True
            )

    def read(self):
        """The next request; None when the client has gone."""
        if self.file is None:
            self.file = self.socket.makefile("rb")
        if not (line := self.file.readline()):
            return None
        method, path, _ = line.decode("ascii").split(" ")
        headers = {}
        while (line := self.file.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("ascii").partition(":")
            headers[name.lower()] = value.strip()
        body = self.file.read(int(headers["content-length"]))
        asked = Asked(method, path, headers, body, time.monotonic(), self.number)
        self.server.asked.append(asked)
        return asked

    def say(self, data):
        self.socket.sendall(data)

    def say_slowly(self, data, *, pause):
        for byte in data:
            self.say(bytes([byte]))
            time.sleep(pause)

    def wait_for_the_end(self):
        """Take all that comes and answer nothing."""
        while self.socket.recv(65_536):
            pass

    def wait_for_goodbye(self):
        """Until the client has closed it, whose bytes stay where they are."""
        poll = select.poll()
        poll.register(self.socket, select.POLLRDHUP)
        poll.poll(10_000)

    def drop(self):
        """Leave at once, without the usual goodbye of TCP."""
        self.socket.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.close()

    def close(self):
        if self.file:
            self.file.close()
        self.socket.close()

    def wake(self):
        """Whatever its thread waits for has come to an end."""
        with suppress(OSError):
            socket.socket.shutdown(self.socket, socket.SHUT_RDWR)


Script = Callable[[Peer], None]


class ScriptedServer:
    def __init__(self, script, *, context=None, host="127.0.0.1", port=0):
        self.script = script
        self.context = context
        self.asked = []
        self.accepted = 0
        self.open = 0
        self.most_open = 0
        self.is_stopping = False
        self.lock = Lock()
        self.peers = {}
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.listener = socket.create_server((host, port), family=family, backlog=256)
        self.host, self.port = self.listener.getsockname()[:2]
        self.thread = Thread(target=self.accept)
        self.thread.start()

    @property
    def url(self):
        return self.url_as(f"[{self.host}]" if ":" in self.host else self.host)

    def url_as(self, name):
        scheme = "https" if self.context else "http"
        return f"{scheme}://{name}:{self.port}/production"

    @property
    def ids(self):
        """Who was to get something, in the order in which it was asked for."""
        return [asked.connection_id for asked in self.asked]

    def accept(self):
        while True:
            try:
                accepted, _ = self.listener.accept()
            except OSError:  # it has been stopped
                return
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                if self.is_stopping:
                    accepted.close()
                    return
                peer = Peer(self, self.accepted, accepted)
                self.accepted += 1
                self.open += 1
                self.most_open = max(self.most_open, self.open)
                self.peers[peer] = Thread(target=self.attend, args=(peer,))
                self.peers[peer].start()

    def attend(self, peer):
        try:
            peer.shake_hands()
            self.script(peer)
        except (OSError, ValueError):  # the client has gone, in the middle of something
            pass
        finally:
            with self.lock:
                self.open -= 1
                peer.close()

    def hang_up(self):
        """On all that are connected now."""
        with self.lock:
            peers = list(self.peers.items())
        for peer, thread in peers:
            with self.lock:
                peer.wake()
            thread.join(timeout=10)

    def stop(self):
        with self.lock:
            self.is_stopping = True
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join(timeout=10)
        self.listener.close()
        self.hang_up()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stop()


def response(status=200, body=b"", **headers):
    """The bytes of an answer that lets the connection live on; `_` in names is `-`."""
    headers = {"Content-Length": len(body), **headers}
    lines = "".join(f"{k.replace('_', '-')}: {v}\r\n" for k, v in headers.items())
    return f"HTTP/1.1 {status} Whatever\r\n{lines}\r\n".encode() + body


def refusal(kind="InvalidSignatureException", **headers):
    """Of a call whose signature is not accepted."""
    body = b'{"message": "Signature expired: it is now another time"}'
    return response(403, body, x_amzn_ErrorType=kind, **headers)


def always(*answers):
    """Answer each request with the next one, and go on with the last."""
    left = iter(answers)

    def script(peer):
        while peer.read():
            peer.say(next(left, answers[-1]))

    return script


def by_connection(*scripts):
    """The first connection gets the first script, all from the last on the last one."""
    return lambda peer: scripts[min(peer.number, len(scripts) - 1)](peer)


taking_all = always(response())
