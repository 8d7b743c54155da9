"""What a server says without having been asked is nobody's answer."""

import socket
import time
from contextlib import contextmanager

import pytest

from django_aws_api_gateway_websockets.messaging import retries
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from tests.app.sender.broadcasts import send_one, send_to
from tests.app.sender.scripted_server import always, by_connection, response

UNASKED = response(200)


@contextmanager
def at_one_blow(peer):
    """What is said meanwhile arrives together, in as many pieces as it was said in."""
    peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    yield
    peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)


@pytest.mark.parametrize("is_secure", [False, True])
def test_a_second_answer_is_not_the_next_ones(
    serve, sender, context, trusted, is_secure
):
    """TLS gives it out by itself, after the first one."""

    def script(peer):
        while asked := peer.read():
            with at_one_blow(peer):
                if asked.connection_id == "gone=":
                    peer.say(response(410))
                else:
                    peer.say(response())
                    peer.say(UNASKED)

    server = serve(script, context=context if is_secure else None)

    deliveries = send_to(sender, server.url, ["alice=", "gone="], connections=1)

    assert deliveries["alice="].outcome is Outcome.SENT
    assert deliveries["gone="].outcome is Outcome.GONE


def test_nor_is_one_that_begins_while_nothing_is_under_way(serve, sender, monkeypatch):
    monkeypatch.setattr(retries, "FIRST_PAUSE", 0.4)
    monkeypatch.setattr(retries, "LONGEST_PAUSE", 0.4)

    def script(peer):
        peer.read()
        peer.say(response(429))
        time.sleep(0.05)  # or it would come with the answer
        peer.say(UNASKED[:-2])
        if peer.read():
            peer.say(UNASKED[-2:])

    server = serve(by_connection(script, always(response(410))))

    assert send_one(sender, server.url).outcome is Outcome.GONE
    assert server.accepted == 2
