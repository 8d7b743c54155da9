"""Reads HTTP/1.1 responses from bytes, however they are cut ("HTTP/1.1", RFC 9112)."""

import re

MOST_HEAD = 65_536  # bytes
MOST_BODY = 65_536  # bytes: what the gateway says about an error is short
MOST_INTERIM = 10  # responses before the one that answers
STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9][0-9])(?: [^\r\n]*)?(?=\r\n|\Z)")
FRAMING = re.compile(
    rb"\r\n(content-length|transfer-encoding|connection):[ \t]*([^\r\n]*?)[ \t]*(?=\r|$)",
    re.IGNORECASE,
)
KEEP_ALIVE = b"\r\nconnection: keep-alive\r\n"
LENGTH = re.compile(rb"[0-9]{1,9}")
CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")
WITHOUT_BODY = {204, 304}


class BrokenResponse(Exception):
    """Raise when what comes is no HTTP response, or ends in the middle of one."""


class Response:
    """The gateway's answer to one request; `keeps_alive` allows another one."""

    __slots__ = ("body", "head", "keeps_alive", "status")

    def __init__(self, head: bytes, status: int, *, keeps_alive: bool) -> None:
        self.head = head
        self.status = status
        self.keeps_alive = keeps_alive
        self.body = b""

    @property
    def headers(self) -> list[tuple[str, str]]:
        pairs = (line.partition(b":") for line in self.head.split(b"\r\n")[1:])
        return [
            (name.decode("latin-1").lower(), value.strip().decode("latin-1"))
            for name, _, value in pairs
        ]

    def header(self, name: str) -> str:
        return dict(self.headers).get(name, "")


class ResponseReader:
    """Takes bytes, and gives the response when it is complete."""

    __slots__ = ("buffer", "has_begun", "interim", "is_chunked", "length", "response")

    def __init__(self) -> None:
        self.buffer = b""
        self.has_begun = False  # whatever it is that has come
        self.interim = 0
        self.response: Response | None = None
        self.is_chunked = False
        self.length: int | None = None

    def feed(self, data: bytes) -> Response | None:
        """The response, once its last byte is there; None until then."""
        if not self.has_begun and is_ordinary(data):
            return Response(data[:-4], 200, keeps_alive=True)
        self.has_begun = True
        if self.buffer:
            data = self.buffer + data
        while self.response is None:
            end = data.find(b"\r\n\r\n")
            if end < 0:
                if len(data) > MOST_HEAD:
                    raise BrokenResponse("the head of the response has no end")
                self.buffer = data
                return None
            self.begin(data[:end])
            data = data[end + 4 :]
        self.buffer = data
        return self.read_body(self.response)

    def begin(self, head: bytes) -> None:
        status_line = STATUS_LINE.match(head)
        if status_line is None:
            raise BrokenResponse("the answer is no HTTP response")
        status = int(status_line[2])
        if status < 200:  # more is to come: this is not the answer yet
            self.interim += 1
            if self.interim > MOST_INTERIM:
                raise BrokenResponse("the answer does not come to its point")
            return
        options, codings, self.length = framing_of(head)
        keeps_alive = b"close" not in options and (
            status_line[1] == b"1" or b"keep-alive" in options
        )
        self.is_chunked = False
        if status in WITHOUT_BODY:
            self.length = 0
        elif codings:
            self.is_chunked = codings == b"chunked"
            if not self.is_chunked:
                raise BrokenResponse("the response has an unknown transfer encoding")
        elif self.length is None:
            keeps_alive = False  # its end is that of the connection
        self.response = Response(head, status, keeps_alive=keeps_alive)

    def read_body(self, response: Response) -> Response | None:
        if self.is_chunked:
            return self.read_chunks(response)
        if len(self.buffer) > MOST_BODY or (self.length or 0) > MOST_BODY:
            return self.cut_off(response)
        if self.length is None or len(self.buffer) < self.length:
            return None
        response.body = self.buffer[: self.length]
        return self.complete(response, rest=self.buffer[self.length :])

    def read_chunks(self, response: Response) -> Response | None:
        while size_line := CHUNK_SIZE.match(self.buffer):
            size = int(size_line[1], 16)
            if size == 0:
                return self.read_trailer(response, size_line.end())
            end = size_line.end() + size
            if len(response.body) + size > MOST_BODY:
                return self.cut_off(response)
            if len(self.buffer) < end + 2:
                return None
            if self.buffer[end : end + 2] != b"\r\n":
                raise BrokenResponse("a chunk is longer than it says")
            response.body += self.buffer[size_line.end() : end]
            self.buffer = self.buffer[end + 2 :]
        if b"\r\n" in self.buffer or len(self.buffer) > MOST_HEAD:
            raise BrokenResponse("a chunk does not say how long it is")
        return None

    def read_trailer(self, response: Response, begin: int) -> Response | None:
        # The empty line may follow at once, or after fields that nobody asked for.
        end = self.buffer.find(b"\r\n\r\n", begin - 2)
        if end < 0:
            if len(self.buffer) > MOST_HEAD:
                raise BrokenResponse("the end of the response is too long")
            return None
        return self.complete(response, rest=self.buffer[end + 4 :])

    def cut_off(self, response: Response) -> Response:
        """Its status says all that matters: for the rest nobody waits."""
        response.keeps_alive = False
        return response

    def complete(self, response: Response, *, rest: bytes) -> Response:
        if rest:
            response.keeps_alive = False  # nobody asked for what has come after it
        # The next one may come.
        self.buffer, self.interim, self.response = b"", 0, None
        self.has_begun = False
        return response

    def end(self) -> Response:
        """The connection has ended: that completes a response that says no length."""
        response = self.response
        if response is None:
            raise BrokenResponse("the connection was closed before the answer")
        if self.is_chunked or self.length is not None:
            raise BrokenResponse(
                "the connection was closed in the middle of the answer"
            )
        response.body = self.buffer
        return response


def is_ordinary(data: bytes) -> bool:
    """Is this, as nearly always, a complete success without a body?

    All that it tells could be read as well: to see it at a glance takes half the time.
    """
    fields = data.lower()
    return (
        data.startswith(b"HTTP/1.1 200 ")
        and data.find(b"\r\n\r\n") == len(data) - 4
        and b"\r\ncontent-length: 0\r\n" in fields
        and fields.count(b"\r\ncontent-length:") == 1
        and fields.count(b"\r\nconnection:") == fields.count(KEEP_ALIVE)
        and b"\r\ntransfer-encoding:" not in fields
    )


def framing_of(head: bytes) -> tuple[bytes, bytes, int | None]:
    """The connection's options, the codings of the body, and how long it is, if said."""
    options = codings = length = b""
    for name, value in FRAMING.findall(head):
        name = name.lower()
        if name == b"connection":
            options += value.lower() + b","
        elif name == b"transfer-encoding":
            codings += value.lower()
        elif not LENGTH.fullmatch(value) or length not in (b"", value):
            raise BrokenResponse("the response does not say how long it is")
        else:
            length = value
    return options, codings, int(length) if length else None
