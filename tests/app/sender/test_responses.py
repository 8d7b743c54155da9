"""A response reads the same however its bytes are cut, and what is none is refused."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from django_aws_api_gateway_websockets.messaging.sender.responses import (
    BrokenResponse,
    ResponseReader,
)
from tests.app.sender.http_responses import first_of, responses


@settings(max_examples=50)
@given(responses(), st.data())
def test_a_response_reads_the_same_however_it_is_cut(expected, data):
    sent, status, body, keeps_alive, framing = expected
    cuts = sorted(data.draw(st.lists(st.integers(0, len(sent)), max_size=8)))
    pieces = [sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]

    for each in (pieces, [sent], [bytes([byte]) for byte in sent]):
        reader = ResponseReader()
        read, rest = first_of(reader, [piece for piece in each if piece])

        assert not rest
        if framing == "end":
            assert read is None
            read = reader.end()
        assert (read.status, read.body, read.keeps_alive) == (status, body, keeps_alive)


@settings(max_examples=50)
@given(responses(), responses())
def test_the_next_response_is_read_like_the_first(first, second):
    if first[-1] == "end":
        return
    reader = ResponseReader()

    reader.feed(first[0])
    assert not reader.has_begun
    response = reader.feed(second[0]) or reader.end()

    assert (response.status, response.body) == second[1:3]


@pytest.mark.parametrize(
    "sent", [b"\0", b"HTTP", b"garbage\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"]
)
def test_whatever_has_come_an_answer_has_begun(sent):
    """Whoever closes the connection then has not done so before the request."""
    reader = ResponseReader()
    assert not reader.has_begun

    with suppress(BrokenResponse):
        assert reader.feed(sent) is None

    assert reader.has_begun


@settings(max_examples=50)
@given(responses())
def test_half_a_response_is_none(expected):
    sent, *_, framing = expected
    if framing == "end":
        return
    for length in range(len(sent)):
        reader = ResponseReader()

        assert reader.feed(sent[:length]) is None
        with pytest.raises(BrokenResponse):
            reader.end()


@settings(max_examples=50)
@given(responses(), st.binary(min_size=1, max_size=9))
def test_what_comes_after_a_response_ends_the_connection(expected, rest):
    sent, _, body, _, framing = expected
    if framing == "end":
        return

    response = ResponseReader().feed(sent + rest)

    assert (response.body, response.keeps_alive) == (body, False)


@pytest.mark.parametrize(
    "fields",
    [b"", b"no colon\r\n", b":\r\n", b"\0: \0\r\n", b"A: b\0c\r\n", b"\xff: \xfe\r\n"],
)
def test_other_headers_may_be_anything(fields):
    head = b"HTTP/1.1 410 Gone\r\n" + fields + b"Content-Length: 2\r\n\r\n{}"

    response = ResponseReader().feed(head)

    assert (response.status, response.body) == (410, b"{}")
    assert response.header("content-length") == "2"
    assert response.header("x-amzn-errortype") == ""


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        (b"X-Content-Length: 9\r\nContent-Length: 2", b"{}"),
        (b"Content-Length-X: 9\r\nCoNtEnT-LeNgTh:2", b"{}"),
        (b"A: content-length: 9\r\nContent-Length:\t 2 \t", b"{}"),
        (b"Content-Length: 2\r\nContent-Length: 2", b"{}"),
        (b"Content-Length: 9\r\ntransfer-encoding: Chunked", b"2\r\n{}\r\n0\r\n\r\n"),
        (b"X-Transfer-Encoding: gzip\r\nContent-Length: 2", b"{}"),
        (b"X-Connection: close\r\nContent-Length: 2", b"{}"),
        (b"Connection: closed\r\nContent-Length: 2", b"{}"),
    ],
)
def test_only_the_headers_themselves_say_where_a_body_ends(fields, body):
    response = ResponseReader().feed(
        b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n\r\n" + body
    )

    assert response.body == b"{}"
