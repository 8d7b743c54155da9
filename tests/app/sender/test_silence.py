"""Who never answers, or too slowly, keeps nobody waiting for long."""

import socket
import time

import pytest

from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.messaging.sender import overdue
from tests.app.sender.broadcasts import (
    MESSAGE,
    Stopwatch,
    names,
    outcomes,
    recipients_of,
    send,
    send_one,
    send_to,
)
from tests.app.sender.scripted_server import by_connection, response, taking_all


@pytest.fixture
def short_patience(monkeypatch):
    monkeypatch.setattr(overdue, "LONGEST_CALL", 0.05)
    monkeypatch.setattr(overdue, "LONGEST_OPENING", 0.05)


def say_nothing(peer):
    peer.wait_for_the_end()


@pytest.fixture
def deaf_address():
    """TCP takes what comes there, and nobody ever reads it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def test_a_call_without_an_answer_is_made_again(serve, sender, monkeypatch):
    monkeypatch.setattr(overdue, "LONGEST_CALL", 0.2)
    server = serve(by_connection(say_nothing, say_nothing, taking_all))

    assert outcomes(send_to(sender, server.url, names(10))) == {Outcome.SENT}


def test_one_without_any_answer_is_made_twice(serve, sender, short_patience):
    server = serve(say_nothing)

    delivery = send_one(sender, server.url)

    assert delivery[:3] == (Outcome.FAILED, "no answer in 0.05 seconds", True)
    assert server.accepted == overdue.MOST_SILENT_TRIES


def test_an_answer_of_one_byte_at_a_time_takes_too_long(serve, sender, short_patience):
    def script(peer):
        peer.read()
        peer.say_slowly(response(), pause=0.05)

    server = serve(script)

    delivery = send_one(sender, server.url)

    assert delivery[:3] == (Outcome.FAILED, "no answer in 0.05 seconds", True)


def test_an_answer_of_one_byte_at_a_time_is_an_answer(serve, sender):
    def script(peer):
        while peer.read():
            peer.say_slowly(response(200, b"{}"), pause=0.001)

    server = serve(script)

    assert outcomes(send_to(sender, server.url, names(5))) == {Outcome.SENT}


@pytest.mark.parametrize("number", [1, 300])
def test_many_without_any_answer_are_given_up_together(
    serve, sender, short_patience, number
):
    """And tried again by the next broadcast."""
    server = serve(say_nothing)
    for _ in range(2):
        with Stopwatch() as watch:
            deliveries = send_to(sender, server.url, names(number))

        assert outcomes(deliveries) == {Outcome.FAILED}
        assert watch.seconds < 3


def test_all_connections_may_fall_silent_at_once(serve, sender, monkeypatch):
    is_silent = False

    def script(peer):
        while peer.read():
            if is_silent:
                peer.wait_for_the_end()
            else:
                peer.say(response())

    server = serve(script)
    assert outcomes(send_to(sender, server.url, names(1_000))) == {Outcome.SENT}
    assert server.open > 50
    is_silent = True

    with monkeypatch.context() as patch:
        patch.setattr(overdue, "LONGEST_CALL", 0.1)
        deliveries = send_to(sender, server.url, names(1_000))

    assert outcomes(deliveries) == {Outcome.FAILED}
    assert {delivery.reason for delivery in deliveries.values()} == {
        "no answer in 0.1 seconds"
    }
    is_silent = False
    assert outcomes(send_to(sender, server.url, names(1_000))) == {Outcome.SENT}


def test_at_the_deadline_everybody_is_told(serve, sender):
    server = serve(say_nothing)

    with Stopwatch() as watch:
        deliveries = send_to(sender, server.url, names(12_000), seconds=0.3)

    assert {delivery[:3] for delivery in deliveries.values()} == {
        (Outcome.FAILED, "there was no time left", True)
    }
    assert 0.3 <= watch.seconds < 1.5


def test_at_the_deadline_what_has_come_counts(serve, sender):
    def script(peer):
        while asked := peer.read():
            if asked.connection_id == "slow=":
                peer.wait_for_the_end()
            else:
                peer.say(response())

    server = serve(script)

    deliveries = send_to(sender, server.url, [*names(40), "slow="], seconds=0.5)

    assert deliveries.pop("slow=").reason == "there was no time left"
    assert outcomes(deliveries) == {Outcome.SENT}


def test_without_time_nobody_is_called(serve, sender):
    server = serve(taking_all)

    deliveries = send_to(sender, server.url, names(5), seconds=0)

    assert outcomes(deliveries) == {Outcome.FAILED}
    assert server.accepted == 0


def test_a_handshake_without_answer_takes_a_while_and_no_longer(
    sender, short_patience, deaf_address
):
    with Stopwatch() as watch:
        delivery = send_one(sender, f"https://{deaf_address}/production")

    assert delivery[:3] == (Outcome.FAILED, "the endpoint does not answer", True)
    assert watch.seconds < 2


def test_a_consumer_that_takes_its_time_costs_no_call(serve, sender, monkeypatch):
    monkeypatch.setattr(overdue, "LONGEST_CALL", 0.5)
    server = serve(taking_all)
    told = sender.perform(recipients_of(server.url, names(50)), [MESSAGE], seconds=10)

    first = next(told)
    time.sleep(0.6)  # so long that all calls under way take longer than any may
    rest = list(told)

    assert {delivery.outcome for _, delivery in [first, *rest]} == {Outcome.SENT}
    assert len(server.asked) == 50


def test_each_of_several_endpoints_has_its_own_time(serve, sender, short_patience):
    servers = [serve(say_nothing) for _ in range(3)]
    recipients = [
        recipient
        for number, server in enumerate(servers)
        for recipient in recipients_of(server.url, [f"client-{number}="])
    ]

    with Stopwatch() as watch:
        deliveries = send(sender, recipients)

    assert outcomes(deliveries) == {Outcome.FAILED}
    assert watch.seconds < 2
