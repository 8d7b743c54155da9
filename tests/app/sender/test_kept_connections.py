"""Connections outlast a broadcast, and nobody notices when they do not."""

import gc
import time
from pathlib import Path
from threading import Barrier, Event, Timer

import pytest

from django_aws_api_gateway_websockets.messaging.contract import (
    MOST_CONNECTIONS,
    Outcome,
)
from django_aws_api_gateway_websockets.messaging.sender import opening, pool
from tests.app.sender.broadcasts import (
    MESSAGE,
    names,
    outcomes,
    recipients_of,
    send_one,
    send_to,
)
from tests.app.sender.scripted_server import ScriptedServer, response, taking_all

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


def test_nobody_sees_that_the_server_was_started_anew(serve, sender, context, trusted):
    for secure in (None, context):
        with ScriptedServer(taking_all, context=secure) as server:
            assert outcomes(send_to(sender, server.url, names(200))) == SENT
        with ScriptedServer(taking_all, context=secure, port=server.port) as again:
            deliveries = send_to(sender, server.url, names(200))

            assert outcomes(deliveries) == SENT
            assert sorted(again.ids) == sorted(names(200))


def test_nobody_sees_that_the_server_has_closed_them_meanwhile(serve, sender):
    server = serve(taking_all)
    assert outcomes(send_to(sender, server.url, names(200))) == SENT
    server.hang_up()

    assert outcomes(send_to(sender, server.url, names(200))) == SENT

    assert len(server.asked) == 400


def test_nobody_sees_that_they_are_closed_as_they_are_used_again(serve, sender):
    """The request and the end of the connection cross."""

    def script(peer):
        while peer.read():
            if len(peer.server.asked) > 200 and peer.number < before:
                return
            peer.say(response())

    before = 0
    server = serve(script)
    assert outcomes(send_to(sender, server.url, names(200))) == SENT
    before = server.accepted

    assert outcomes(send_to(sender, server.url, names(200))) == SENT


def test_a_server_may_be_started_anew_in_the_middle(serve, sender, monkeypatch):
    """That many connections cannot be opened together is one failure, not many."""
    monkeypatch.setattr(opening, "FIRST_PAUSE", 0.1)
    with ScriptedServer(taking_all) as server:
        told = sender.perform(
            recipients_of(server.url, names(3_000)), [MESSAGE], seconds=10
        )
        first = [next(told) for _ in range(500)]
    again = []
    later = Timer(0.05, lambda: again.append(serve(taking_all, port=server.port)))
    later.start()
    rest = list(told)
    later.join()

    assert len(first) + len(rest) == 3_000
    assert {delivery.reason for _, delivery in first + rest} == {""}
    assert again[0].most_open > 10


def test_all_connections_may_be_lost_at_one_blow(serve, sender):
    """However many they are, it is one blow, and most had not answered yet."""
    all_are_busy = Barrier(MOST_CONNECTIONS)

    def script(peer):
        if peer.number == 0:
            peer.read()
            peer.say(response())
        if peer.number < MOST_CONNECTIONS:
            peer.read()
            all_are_busy.wait(10)
            peer.drop()
        else:
            taking_all(peer)

    server = serve(script)

    deliveries = send_to(sender, server.url, names(1_100))

    assert {delivery.reason for delivery in deliveries.values()} == {""}


def test_sockets_of_a_broadcast_that_nobody_finishes_are_closed(serve, sender):
    server = serve(taking_all)
    send_to(sender, server.url, names(500))
    sender.close()
    before = open_files()
    for number in (0, 1, 300):
        told = sender.perform(
            recipients_of(server.url, names(500)), [MESSAGE], seconds=10
        )
        for _ in range(number):
            next(told)
        told.close()
        del told
        gc.collect()

    sender.close()
    server.hang_up()
    assert files_come_to(before)
    assert outcomes(send_to(sender, server.url, names(50))) == SENT


@pytest.mark.parametrize("is_read", [True, False])
def test_what_a_broadcast_waited_with_is_closed_at_its_end(serve, sender, is_read):
    server = serve(taking_all)
    gc.disable()  # which would close it some time
    try:
        before = open_selectors()
        for _ in range(3):
            told = sender.perform(
                recipients_of(server.url, names(50)), [MESSAGE], seconds=10
            )
            next(told)
            assert open_selectors() == before + 1
            if is_read:
                list(told)
            else:
                told.close()
            assert open_selectors() == before
    finally:
        gc.enable()


def test_a_call_that_is_under_way_as_a_broadcast_is_abandoned_is_no_ones_answer(
    serve, sender
):
    """Whoever sends next would take it for an answer of its own."""

    def script(peer):
        while asked := peer.read():
            if asked.connection_id == "slow=":
                is_asked.set()
                go_on.wait(10)
                peer.say(response(410))
            else:
                peer.say(response())

    is_asked, go_on = Event(), Event()
    server = serve(script)
    told = sender.perform(
        recipients_of(server.url, ["alice=", "slow="]),
        [MESSAGE],
        seconds=10,
        connections=1,
    )
    assert next(told)[1].outcome is Outcome.SENT
    assert is_asked.wait(10)
    told.close()
    later = Timer(0.05, go_on.set)
    later.start()

    assert send_to(sender, server.url, ["bob="])["bob="].outcome is Outcome.SENT

    later.join()
    assert server.accepted == 2


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


def test_who_sends_while_reading_what_came_of_others_disturbs_nobody(serve, sender):
    server = serve(taking_all)

    for recipient, delivery in sender.perform(
        recipients_of(server.url, names(50)), [MESSAGE], seconds=10
    ):
        assert delivery.outcome is Outcome.SENT
        reply = f"reply-to-{recipient.connection_id}"
        assert send_to(sender, server.url, [reply])[reply].outcome is Outcome.SENT

    assert sorted(server.ids) == sorted(
        [*names(50), *(f"reply-to-{name}" for name in names(50))]
    )


def open_selectors():
    return sum(
        each.readlink().match("*eventpoll*")
        for each in Path("/proc/self/fd").iterdir()
        if each.is_symlink()
    )


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def files_come_to(number):
    """The server's own take a moment."""
    for _ in range(100):
        if open_files() <= number:
            return True
        time.sleep(0.01)
    return False
