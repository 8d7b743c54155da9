"""One sender is used by several threads, and by the processes that are made of this one."""

import os
import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from django_aws_api_gateway_websockets.messaging.contract import (
    MOST_CONNECTIONS,
    Outcome,
)
from tests.app.sender.broadcasts import (
    MESSAGE,
    names,
    outcomes,
    recipients_of,
    send_to,
)
from tests.app.sender.scripted_server import taking_all

SENT = {Outcome.SENT}
THREADS = 8


def test_threads_do_not_disturb_each_other(serve, sender, context, trusted):
    server = serve(taking_all, context=context)

    def broadcast(thread):
        return send_to(
            sender,
            server.url,
            [f"{thread}-{name}" for name in names(50)],
            connections=5,
        )

    for _ in range(2):
        with ThreadPoolExecutor(THREADS) as threads:
            for deliveries in threads.map(broadcast, range(THREADS)):
                assert outcomes(deliveries) == SENT

    assert set(Counter(server.ids).values()) == {2}
    assert len(set(server.ids)) == THREADS * 50
    # The server may not have seen yet that a connection is closed which another one replaces.
    assert server.most_open <= THREADS * 5 + THREADS


def test_what_is_kept_is_bounded_whatever_the_number_of_threads(serve, sender):
    server = serve(taking_all)

    with ThreadPoolExecutor(THREADS) as threads:
        for deliveries in threads.map(
            lambda _: send_to(sender, server.url, names(400)), range(THREADS)
        ):
            assert outcomes(deliveries) == SENT

    assert len(server.asked) == THREADS * 400
    kept = sum(len(idle) for idle in sender.kept.pool.idle.values())
    assert 0 < kept <= MOST_CONNECTIONS


@pytest.mark.parametrize("is_secure", [False, True])
def test_a_process_that_is_made_meanwhile_has_its_own_connections(
    serve, sender, context, trusted, is_secure
):
    server = serve(taking_all, context=context if is_secure else None)
    assert outcomes(send_to(sender, server.url, names(100))) == SENT
    accepted = server.accepted

    child = fork(lambda: outcomes(send_to(sender, server.url, names(30))) == SENT)

    assert outcomes(send_to(sender, server.url, names(100))) == SENT
    assert ended_well(child)
    assert outcomes(send_to(sender, server.url, names(100))) == SENT
    assert len(server.asked) == 330
    peers_of_parent = {asked.peer for asked in server.asked if asked.peer < accepted}
    assert len(peers_of_parent) == accepted
    assert 1 <= server.accepted - accepted <= 5
    asked_on_new = [asked for asked in server.asked if asked.peer >= accepted]
    assert sorted(asked.connection_id for asked in asked_on_new) == sorted(names(30))


def test_a_process_that_is_made_in_the_middle_of_a_broadcast_leaves_it_alone(
    serve, sender
):
    server = serve(taking_all)
    told = sender.perform(recipients_of(server.url, names(50)), [MESSAGE], seconds=10)
    # All but one: most connections have nothing more to do.
    first = [next(told) for _ in range(49)]

    def in_child():
        told.close()
        assert not sender.kept.pool.idle
        return outcomes(send_to(sender, server.url, ["child="])) == SENT

    child = fork(in_child)
    rest = list(told)

    assert ended_well(child)
    assert {delivery.outcome for _, delivery in first + rest} == SENT
    assert Counter(server.ids) == Counter([*names(50), "child="])
    [of_child] = [each.peer for each in server.asked if each.connection_id == "child="]
    assert [each.peer for each in server.asked].count(of_child) == 1


def fork(work):
    """A child that does this and ends with 0 where it is true; its number."""
    if child := os.fork():
        return child
    signal.alarm(10)
    status = 1
    try:
        status = 0 if work() else 2
    finally:
        os._exit(status)


def ended_well(child):
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0
