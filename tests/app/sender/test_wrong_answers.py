"""Answers that nobody asked for, that come twice, or that are none."""

import time
from threading import Event

import pytest

from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.messaging.retries import MOST_TRIES
from django_aws_api_gateway_websockets.messaging.sender import unanswered
from django_aws_api_gateway_websockets.messaging.sender.endpoints import endpoint_at
from tests.app.sender.broadcasts import (
    names,
    outcomes,
    recipients_of,
    send,
    send_one,
    send_to,
)
from tests.app.sender.scripted_server import (
    always,
    by_connection,
    response,
    taking_all,
)

SENT = {Outcome.SENT}


def leave(peer):
    peer.read()


def test_of_two_answers_to_one_request_the_first_counts(serve, sender):
    server = serve(always(response(410) + response(200)))

    assert outcomes(send_to(sender, server.url, names(20))) == {Outcome.GONE}
    assert server.accepted == len(server.asked) == 20


@pytest.mark.parametrize("said", [response(400), response(400)[:20]])
def test_an_answer_that_nobody_asked_for_is_nobodys(serve, sender, said):
    is_idle, has_been_said = Event(), Event()

    def script(peer):
        peer.read()
        peer.say(response())
        is_idle.wait(10)
        peer.say(said)
        has_been_said.set()
        taking_all(peer)

    server = serve(by_connection(script, taking_all))
    assert send_one(sender, server.url).outcome is Outcome.SENT
    is_idle.set()
    has_been_said.wait(10)

    assert outcomes(send_to(sender, server.url, names(5))) == SENT

    assert server.ids == ["alice=", *names(5)]
    assert {asked.peer for asked in server.asked[1:]} == {1}


def test_nor_in_the_middle_of_a_broadcast(serve, sender):
    has_been_said = Event()

    def script(peer):
        peer.read()
        peer.say(response())
        time.sleep(0.05)  # by then the connection has nothing to do
        peer.say(response(400))
        has_been_said.set()
        peer.wait_for_goodbye()

    def slow(peer):
        while peer.read():
            has_been_said.wait(10)
            time.sleep(0.05)
            peer.say(response())

    one, other = serve(script), serve(slow)
    recipients = [
        *recipients_of(one.url, ["alice="]),
        *recipients_of(other.url, ["bob="]),
    ]

    assert outcomes(send(sender, recipients)) == SENT
    assert not sender.kept.pool.take(endpoint_at(one.url))


@pytest.mark.parametrize(
    "answer",
    [
        b"\0",
        b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        response(200, Content_Length="-1"),
        response(200, Content_Length="1e3"),
        response(200, Transfer_Encoding="rot13"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n",
        b"HTTP/1.1 200 OK\r\n" + 9_000 * b"X: 1234\r\n",
        20 * b"HTTP/1.1 100 Continue\r\n\r\n",
    ],
    ids=range(9),
)
def test_what_is_no_answer_is_a_transient_failure(serve, sender, answer):
    def script(peer):
        while peer.read():
            peer.say(answer)
            peer.socket.shutdown(1)

    server = serve(script)

    delivery = send_one(sender, server.url)

    assert delivery[:3:2] == (Outcome.FAILED, True)
    assert len(server.asked) == MOST_TRIES


@pytest.mark.parametrize(
    ("status", "outcome"), [(200, Outcome.SENT), (403, Outcome.FAILED)]
)
@pytest.mark.parametrize(
    "rest",
    [
        b"\r\n\r\n" + 70_000 * b"x",
        b"\r\nContent-Length: 70000\r\n\r\n" + 70_000 * b"x",
        b"\r\nTransfer-Encoding: chunked\r\n\r\n11170\r\n" + 70_000 * b"x",
    ],
    ids=["until the end", "of a length", "chunked"],
)
def test_of_an_answer_that_is_too_long_the_status_counts(
    serve, sender, status, outcome, rest
):
    def script(peer):
        peer.read()
        peer.say(b"HTTP/1.1 %d Whatever" % status + rest)
        peer.wait_for_goodbye()

    server = serve(script)

    assert outcomes(send_to(sender, server.url, names(3))) == {outcome}

    assert sorted(server.ids) == names(3)
    assert server.accepted == 3


def test_who_never_gives_an_answer_is_given_up(serve, sender, monkeypatch):
    """Not each of a thousand is tried six times."""
    monkeypatch.setattr(unanswered, "MOST_UNANSWERED", 10)
    server = serve(leave)

    deliveries = send_to(sender, server.url, names(500), connections=10)

    assert outcomes(deliveries) == {Outcome.FAILED}
    assert len(server.asked) < 40
    server.script = taking_all
    assert outcomes(send_to(sender, server.url, names(500))) == SENT
