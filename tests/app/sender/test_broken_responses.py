"""What is no response is refused, whatever it is, and takes neither memory nor time."""

import tracemalloc
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from django_aws_api_gateway_websockets.messaging.sender.responses import (
    MOST_BODY,
    BrokenResponse,
    ResponseReader,
)
from tests.app.sender.http_responses import first_of, responses

BROKEN = [
    b"\r\n\r\n",
    b"\0\0\0\0\r\n\r\n",
    b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
    b"HTTP/2 200\r\n\r\n",
    b"HTTP/1.2 200 OK\r\n\r\n",
    b"HTTP/1.1 20 OK\r\n\r\n",
    b"HTTP/1.1 2000 OK\r\n\r\n",
    b"HTTP/1.1 099 OK\r\n\r\n",
    b"HTTP/1.1 -12 OK\r\n\r\n",
    b"HTTP/1.1  200 OK\r\n\r\n",
    b"HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n",
    b" HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    *(
        b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\n\r\n"
        for length in (b"", b"-1", b"+1", b"1.0", b"0x1", b"1 1", b"1,2", b"one", b"\0")
    ),
    b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\ncontent-length: 2\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length:\r\n 1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n",
]


BROKEN_CHUNKS = [
    b"\r\n",
    b"x\r\n",
    b"-1\r\n",
    b" 1\r\na\r\n",
    b"0x1\r\na\r\n",
    b"fffffffff\r\n",
    b"1\r\nab\r\n",
    b"2\r\na\r\n0\r\n\r\n",
    b"1\r\na0\r\n\r\n",
    b"1;a\rb\r\na\r\n",
]


@pytest.mark.parametrize("sent", BROKEN)
def test_what_is_no_response_is_refused(sent):
    with pytest.raises(BrokenResponse):
        ResponseReader().feed(sent)


@pytest.mark.parametrize("sent", BROKEN_CHUNKS)
def test_chunks_that_lie_are_refused(sent):
    reader = ResponseReader()
    assert reader.feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") is None

    with pytest.raises(BrokenResponse):
        reader.feed(sent)


@given(
    st.binary()
    | st.builds(
        lambda expected, at, byte: (
            expected[0][: at % len(expected[0])]
            + byte
            + expected[0][at % len(expected[0]) + 1 :]
        ),
        responses(),
        st.integers(0, 999),
        st.binary(max_size=2),
    ),
    st.integers(1, 50),
)
@example(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r", 3)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_garbage_is_refused_and_nothing_else_happens(sent, size):
    reader = ResponseReader()
    pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
    try:
        response = first_of(reader, pieces)[0] or reader.end()
    except BrokenResponse:
        return

    assert 200 <= response.status <= 999
    assert all(isinstance(each, str) for pair in response.headers for each in pair)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("begin", "again"),
    [
        (b"", b"x"),
        (b"HTTP/1.1 200 OK\r\n", b"X-Header: and so on\r\n"),
        (b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (CHUNKED + b"1;", b"x"),
        (CHUNKED + b"0\r\n", b"X-Trailer: and so on\r\n"),
    ],
)
def test_a_response_without_end_comes_to_one(begin, again):
    """It takes little memory, and no more time than to read it."""
    with little_memory(), pytest.raises(BrokenResponse):
        feed(begin, again)


@pytest.mark.parametrize(
    ("begin", "again"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n", b"x"),
        (CHUNKED, b"1\r\na\r\n"),
        (CHUNKED, b"a00\r\n" + 0xA00 * b"a" + b"\r\n"),
        (CHUNKED + b"ffffffff\r\n", b"x"),
    ],
)
def test_a_body_without_end_is_not_waited_for(begin, again):
    """The status says all that matters."""
    with little_memory():
        response = feed(begin, again)

    assert (response.status, response.keeps_alive) == (200, False)
    assert len(response.body) <= MOST_BODY


@contextmanager
def little_memory():
    tracemalloc.start()
    try:
        yield
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 5_000_000


def feed(begin, again):
    """A response, at last, of one thousand pieces at most."""
    piece = again * (16_384 // len(again))
    reader = ResponseReader()
    pieces = [begin, *(piece for _ in range(1_000))]
    return next(filter(None, (reader.feed(each) for each in pieces)))
