"""Responses of all kinds, as hypothesis makes them up."""

from hypothesis import strategies as st

TOKENS = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,9}", fullmatch=True).filter(
    lambda name: name.lower() not in FRAMING
)


FRAMING = {"connection", "content-length", "transfer-encoding"}


VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=20)


FIELDS = st.lists(st.tuples(TOKENS, VALUES), max_size=4)


INTERIM = st.sampled_from(
    [b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n"]
)


BODIES = st.binary(max_size=60) | st.just(b"\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")


SPACES = st.sampled_from(["", " ", "\t  "])


@st.composite
def responses(draw):
    """The bytes, the status, the body, and whether the connection has to end."""
    version = draw(st.sampled_from(["1.1", "1.1", "1.0"]))
    status = draw(st.sampled_from([200, 204, 304, 400, 403, 410, 429, 500, 599]))
    reason = draw(st.sampled_from(["", " ", " OK", " Not at all"]))
    fields = draw(FIELDS)
    connection = draw(st.sampled_from(["", "close", "Keep-Alive", "x, CLOSE"]))
    if connection:
        fields.append((draw(st.sampled_from(["Connection", "CONNECTION"])), connection))
    body = draw(BODIES)
    framing = draw(st.sampled_from(["length", "chunks", "end"]))
    ends = framing == "end"
    if status in (204, 304):
        framing, body, ends = "none", b"", False
    sent = body
    if framing == "length":
        fields.append(("content-LENGTH", str(len(body))))
    if framing == "chunks":
        fields.append(("Transfer-Encoding", "chunked"))
        sent = draw(chunked(body))
    lines = "".join(
        f"{name}:{draw(SPACES)}{value}{draw(SPACES)}\r\n"
        for name, value in draw(st.permutations(fields))
    )
    head = f"HTTP/{version} {status}{reason}\r\n{lines}\r\n".encode("latin-1")
    keeps_alive = (
        not ends
        and "close" not in connection.lower()
        and (version == "1.1" or connection == "Keep-Alive")
    )
    return draw(INTERIM) + head + sent, status, body, keeps_alive, framing


@st.composite
def chunked(draw, body):
    chunks = []
    while body:
        size = draw(st.integers(1, len(body)))
        extension = draw(st.sampled_from(["", ";a=b", ' ; a="b"']))
        chunks.append(f"{size:{draw(st.sampled_from('xX'))}}{extension}\r\n".encode())
        chunks.append(body[:size] + b"\r\n")
        body = body[size:]
    trailer = draw(st.sampled_from([b"", b"X-Sum: 1\r\n", b"A: 1\r\nB: 2\r\n"]))
    return b"".join(
        [*chunks, draw(st.sampled_from([b"0", b"000;a"])), b"\r\n", trailer, b"\r\n"]
    )


def first_of(reader, pieces):
    """The response that these begin with, and the pieces after it."""
    pieces = list(pieces)
    while pieces:
        if response := reader.feed(pieces.pop(0)):
            return response, pieces
    return None, pieces
