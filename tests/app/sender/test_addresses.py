"""An endpoint's name may have several addresses, and new ones."""

import socket

import pytest

from django_aws_api_gateway_websockets.messaging.contract import Outcome
from tests.app.sender.broadcasts import (
    MESSAGE,
    Stopwatch,
    names,
    outcomes,
    recipients_of,
    send_one,
    send_to,
)
from tests.app.sender.name_servers import NAME
from tests.app.sender.scripted_server import ScriptedServer, response, taking_all
from tests.ports import free_port

SENT = {Outcome.SENT}


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_both_families_are_spoken(serve, sender, host):
    server = serve(taking_all, host=host)

    assert outcomes(send_to(sender, server.url, names(50))) == SENT

    [host] = {asked.headers["host"] for asked in server.asked}
    assert host == f"{'[::1]' if ':' in server.host else '127.0.0.1'}:{server.port}"


@pytest.mark.parametrize(
    ("there", "addresses"),
    [
        ("127.0.0.1", ["::1", "127.0.0.1"]),
        ("::1", ["127.0.0.1", "::1"]),
        ("127.0.0.3", ["::1", "127.0.0.1", "127.0.0.2", "127.0.0.3"]),
        ("127.0.0.1", ["fe80::1", "127.0.0.1"]),
    ],
)
@pytest.mark.parametrize("number", [1, 1_000])
def test_where_nobody_listens_the_next_address_is_tried(
    serve, sender, name_server, there, addresses, number
):
    server = serve(taking_all, host=there)
    name_server.addresses = addresses

    with Stopwatch() as watch:
        assert outcomes(send_to(sender, server.url_as(NAME), names(number))) == SENT

    assert name_server.asked == 1
    assert watch.seconds < 2
    # That one address is of no use keeps no connection from the others.
    assert server.most_open > number / 20


def test_all_addresses_are_used(sender, name_server):
    with ScriptedServer(taking_all, host="127.0.0.1") as one:
        with ScriptedServer(taking_all, host="127.0.0.2", port=one.port) as other:
            name_server.addresses = [one.host, other.host]

            assert outcomes(send_to(sender, one.url_as(NAME), names(500))) == SENT

            assert one.accepted > 5
            assert other.accepted > 5


def test_families_are_tried_by_turns(serve, sender, name_server):
    """A network that has no way for one of them costs one attempt."""
    second = serve(taking_all, host="127.0.0.2")
    other_family = serve(taking_all, host="::1", port=second.port)
    name_server.addresses = ["127.0.0.1", "127.0.0.2", "::1"]

    assert send_one(sender, second.url_as(NAME)).outcome is Outcome.SENT

    assert (len(other_family.asked), len(second.asked)) == (1, 0)


def test_where_all_connections_are_lost_the_name_is_looked_up_again(
    sender, name_server
):
    name_server.addresses = ["127.0.0.1"]
    with ScriptedServer(taking_all, host="127.0.0.1") as server:
        told = sender.perform(
            recipients_of(server.url_as(NAME), names(1_000)), [MESSAGE], seconds=10
        )
        deliveries = [next(told) for _ in range(200)]
    name_server.addresses = ["127.0.0.2"]
    with ScriptedServer(taking_all, host="127.0.0.2", port=server.port) as moved:
        deliveries += list(told)

        assert {delivery.reason for _, delivery in deliveries} == {""}
        assert len(moved.asked) > 500
        assert name_server.asked >= 2


def test_where_calls_are_lost_it_is_looked_up_again_too(sender, name_server):
    """The old server takes connections still, and nothing that is sent on them."""
    is_leaving = False

    def leaving(peer):
        while peer.read():
            if is_leaving:
                name_server.addresses = ["127.0.0.2"]
                return
            peer.say(response())

    name_server.addresses = ["127.0.0.1"]
    with ScriptedServer(leaving, host="127.0.0.1") as old:
        with ScriptedServer(taking_all, host="127.0.0.2", port=old.port) as new:
            told = sender.perform(
                recipients_of(old.url_as(NAME), names(500)),
                [MESSAGE],
                seconds=10,
                connections=5,
            )
            first = [next(told) for _ in range(100)]
            is_leaving = True
            rest = list(told)

            assert {delivery.reason for _, delivery in first + rest} == {""}
            assert len(new.asked) > 300


def test_a_name_is_looked_up_once_a_second_however_many_calls_are_lost(
    serve, sender, name_server
):
    def script(peer):
        peer.read()
        if peer.number % 2:
            peer.say(response(Connection="close"))

    server = serve(script)
    name_server.addresses = ["127.0.0.1"]

    with Stopwatch() as watch:
        send_to(sender, server.url_as(NAME), names(100), connections=1)

    assert len(server.asked) > 100
    assert name_server.asked <= 2 + watch.seconds


def test_a_name_that_is_not_ascii_is_sent_in_ascii(serve, sender, monkeypatch):
    server = serve(taking_all)
    look_up, asked = socket.getaddrinfo, []

    def look_up_anywhere(name, port, **options):
        asked.append(name)
        return look_up("127.0.0.1", port, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up_anywhere)

    assert send_one(sender, server.url_as("bücher.example")).outcome is Outcome.SENT

    assert asked == ["xn--bcher-kva.example"]
    [host] = [each.headers["host"] for each in server.asked]
    assert host == f"xn--bcher-kva.example:{server.port}"


def test_the_next_broadcast_looks_the_name_up_again(sender, name_server):
    for host in ("127.0.0.1", "127.0.0.2"):
        name_server.addresses = [host]
        with ScriptedServer(taking_all, host=host, port=free_port()) as server:
            assert send_one(sender, server.url_as(NAME)).outcome is Outcome.SENT
