"""Connections are few, and outlast a broadcast."""

import pytest

from django_aws_api_gateway_websockets.messaging.contract import (
    MOST_CONNECTIONS,
    Outcome,
)
from django_aws_api_gateway_websockets.messaging.sender import pool
from tests.app.sender.broadcasts import (
    names,
    outcomes,
    send_one,
    send_to,
)
from tests.app.sender.open_files import files_come_to, open_files
from tests.app.sender.scripted_server import taking_all

SENT = {Outcome.SENT}


@pytest.mark.parametrize("is_secure", [False, True])
def test_two_thousand_get_it_once_on_a_hundred_connections(
    serve, sender, context, trusted, is_secure
):
    server = serve(taking_all, context=context if is_secure else None)

    assert outcomes(send_to(sender, server.url, names(2_000))) == SENT

    assert sorted(server.ids) == sorted(names(2_000))
    assert 50 <= server.most_open <= MOST_CONNECTIONS
    assert server.accepted <= MOST_CONNECTIONS
    accepted = server.accepted
    assert outcomes(send_to(sender, server.url, names(500))) == SENT
    assert server.accepted == accepted


def test_a_few_need_few_connections(serve, sender):
    server = serve(taking_all)

    assert outcomes(send_to(sender, server.url, names(10))) == SENT
    assert server.accepted <= 2


def test_the_caller_says_how_many_connections_there_may_be(serve, sender):
    server = serve(taking_all)

    assert outcomes(send_to(sender, server.url, names(300), connections=3)) == SENT
    assert server.accepted <= 3


def test_one_message_after_the_other_needs_one_connection(
    serve, sender, context, trusted
):
    server = serve(taking_all, context=context)

    for _ in range(20):
        assert send_one(sender, server.url).outcome is Outcome.SENT

    assert server.accepted == 1


def test_many_after_a_single_message_get_more_connections(serve, sender):
    server = serve(taking_all)
    assert send_one(sender, server.url).outcome is Outcome.SENT

    assert outcomes(send_to(sender, server.url, names(300))) == SENT
    assert server.accepted > 10


def test_of_those_that_are_kept_the_last_one_that_was_used_is_used(serve, sender):
    """The others may be closed by the server before it."""
    server = serve(taking_all)
    assert outcomes(send_to(sender, server.url, names(300), connections=5)) == SENT
    assert server.accepted > 1

    for _ in range(5):
        assert send_one(sender, server.url).outcome is Outcome.SENT

    assert len({asked.peer for asked in server.asked[-5:]}) == 1


def test_stages_of_one_gateway_share_connections(serve, sender):
    server = serve(taking_all)

    for stage in ("production", "staging"):
        url = server.url.replace("production", stage)
        assert send_one(sender, url).outcome is Outcome.SENT

    assert server.accepted == 1
    assert [each.path.split("/")[1] for each in server.asked] == [
        "production",
        "staging",
    ]


@pytest.mark.parametrize("endpoints", [1, 3])
def test_of_many_that_have_nothing_to_do_the_oldest_are_closed(
    serve, sender, monkeypatch, endpoints
):
    monkeypatch.setattr(pool, "MOST_IDLE", 20)
    servers = [serve(taking_all) for _ in range(endpoints)]
    before = open_files()
    for server in servers:
        assert outcomes(send_to(sender, server.url, names(500))) == SENT
        assert server.accepted > 20

    for server in servers[:-1]:
        server.hang_up()
    accepted = servers[-1].accepted
    send_to(sender, servers[-1].url, names(20), connections=20)
    assert servers[-1].accepted == accepted
    servers[-1].hang_up()
    assert files_come_to(before + 20)
