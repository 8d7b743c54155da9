"""Connections that end where they should not: nobody is forgotten, and all is tried again."""

import pytest

from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.messaging.retries import MOST_TRIES
from tests.app.sender.broadcasts import (
    names,
    outcomes,
    send_one,
    send_to,
)
from tests.app.sender.scripted_server import (
    by_connection,
    response,
    taking_all,
)

CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"2\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n"
)


SENT = {Outcome.SENT}


def drop(peer):
    peer.read()
    peer.drop()


def leave(peer):
    peer.read()


@pytest.mark.parametrize("goodbye", [drop, leave])
def test_a_connection_that_ends_before_the_answer_is_tried_again(
    serve, sender, goodbye
):
    server = serve(by_connection(goodbye, goodbye, taking_all))

    assert outcomes(send_to(sender, server.url, names(5))) == SENT


@pytest.mark.parametrize("goodbye", [drop, leave])
def test_one_that_always_ends_is_tried_some_times(serve, sender, goodbye):
    server = serve(goodbye)

    delivery = send_one(sender, server.url)

    assert (delivery.outcome, delivery.is_transient) == (Outcome.FAILED, True)
    assert delivery.reason in {
        "the connection was closed before the answer",
        "Connection reset by peer",
    }
    assert len(server.asked) == MOST_TRIES


@pytest.mark.parametrize("answer", [response(200, b'{"a":"b"}'), CHUNKED])
def test_an_answer_that_ends_at_any_byte_is_none(serve, sender, answer):
    def script(peer):
        if peer.number < len(answer):
            peer.read()
            peer.say(answer[: peer.number])
        else:
            taking_all(peer)

    server = serve(script)
    # Six tries each: the last of some hundred connections answers.
    for _ in range(len(answer) // MOST_TRIES):
        delivery = send_one(sender, server.url, connections=1)

        assert delivery[:3:2] == (Outcome.FAILED, True)
        assert delivery.reason.startswith("the connection was closed ")
    assert send_one(sender, server.url).outcome is Outcome.SENT
    assert server.accepted == len(answer) + 1


def test_at_any_byte_also_on_a_connection_that_was_good(serve, sender):
    answer = response(200, b"{}")

    def script(peer):
        peer.read()
        peer.say(answer)
        if peer.read():
            peer.say(answer[: peer.number % len(answer)])

    server = serve(script)
    for _ in range(3):
        deliveries = send_to(sender, server.url, names(30), connections=1)

        assert outcomes(deliveries) == SENT


@pytest.mark.parametrize("headers", [{}, {"Connection": "close"}])
def test_a_server_that_closes_after_each_answer_answers_all(serve, sender, headers):
    def script(peer):
        peer.read()
        peer.say(response(**headers))

    server = serve(script)

    assert outcomes(send_to(sender, server.url, names(60))) == SENT
    assert len(set(server.ids)) == server.accepted == 60


def test_http_1_0_has_one_answer_a_connection(serve, sender):
    def script(peer):
        peer.read()
        peer.say(b"HTTP/1.0 200 OK\r\n\r\ntaken")

    server = serve(script)

    assert outcomes(send_to(sender, server.url, names(20))) == SENT
    assert len(server.asked) == 20


def test_a_message_that_ends_every_connection_is_sent_a_bounded_number_of_times(
    serve, sender
):
    """Though each connection has answered others before."""

    def script(peer):
        while asked := peer.read():
            if asked.connection_id == "poison=":
                return peer.drop()
            peer.say(response())
        return None

    server = serve(script)

    results = send_to(sender, server.url, [*names(200), "poison=", *names(500)[200:]])

    assert outcomes(results) == {Outcome.SENT, Outcome.FAILED}
    assert server.ids.count("poison=") <= MOST_TRIES
