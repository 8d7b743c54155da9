"""TLS begins on a connection, or the connection is of no use."""

import gc
import socket
import warnings
from threading import Event

import pytest

from django_aws_api_gateway_websockets.messaging.contract import Outcome
from tests.app.sender.broadcasts import (
    names,
    outcomes,
    send_one,
    send_to,
)
from tests.app.sender.scripted_server import by_connection, taking_all

SENT = {Outcome.SENT}


def test_a_port_without_tls_is_said(serve, sender, trusted):
    def script(peer):
        peer.socket.recv(65_536)
        peer.say(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    server = serve(script)

    delivery = send_one(sender, server.url.replace("http:", "https:"))

    assert (delivery.outcome, delivery.is_transient) == (Outcome.FAILED, True)
    assert delivery.reason.startswith("TLS: ")


def test_a_port_with_tls_is_not_spoken_to_without(serve, sender, context):
    server = serve(taking_all, context=context)

    delivery = send_one(sender, server.url.replace("https:", "http:"))

    assert delivery.outcome is Outcome.FAILED
    assert server.asked == []


@pytest.mark.parametrize("after", [0, 1, 5, 100, 300])
@pytest.mark.parametrize("goodbye", ["leave", "drop"])
def test_a_handshake_that_breaks_off_is_tried_again(
    serve, sender, context, trusted, after, goodbye
):
    def break_off(peer):
        peer.socket.recv(after) if after else None
        if goodbye == "drop":
            peer.drop()

    def script(peer):
        if peer.number < 2:
            break_off(peer)
        else:
            peer.socket = context.wrap_socket(peer.socket, server_side=True)
            taking_all(peer)

    server = serve(script)

    url = server.url.replace("http:", "https:")
    assert outcomes(send_to(sender, url, names(5))) == SENT


def test_one_that_is_dropped_as_it_is_about_to_begin_leaves_no_socket_behind(
    serve, sender, context, trusted, monkeypatch
):
    is_dropped = Event()

    def script(peer):
        if peer.number == 0:
            peer.drop()
            is_dropped.set()
        else:
            peer.socket = context.wrap_socket(peer.socket, server_side=True)
            taking_all(peer)

    def is_well(self, *option):
        """TCP says that the connection is there, and then it is not."""
        error = getsockopt(self, *option)
        if option[1] == socket.SO_ERROR:
            was_well.append(not error)
            go_on.set()
            is_dropped.wait(10)
        return error

    go_on, was_well = Event(), []
    getsockopt = socket.socket.getsockopt
    monkeypatch.setattr(socket.socket, "getsockopt", is_well)
    server = serve(lambda peer: go_on.wait(10) and script(peer))

    url = server.url.replace("http:", "https:")
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        assert send_one(sender, url).outcome is Outcome.SENT
        gc.collect()

    assert was_well == [True, True]
    assert [each.message for each in warned] == []


def test_one_that_always_breaks_off_is_given_up(serve, sender, trusted):
    server = serve(by_connection(lambda peer: peer.socket.recv(10)))

    deliveries = send_to(sender, server.url.replace("http:", "https:"), names(500))

    assert outcomes(deliveries) == {Outcome.FAILED}
    assert server.accepted < 10
