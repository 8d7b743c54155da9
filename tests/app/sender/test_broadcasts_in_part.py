"""A broadcast may be read in part, and left, and others begun meanwhile."""

import gc
from threading import Event, Timer

import pytest

from django_aws_api_gateway_websockets.messaging.contract import (
    Outcome,
)
from tests.app.sender.broadcasts import (
    MESSAGE,
    names,
    outcomes,
    recipients_of,
    send_to,
)
from tests.app.sender.open_files import files_come_to, open_files, open_selectors
from tests.app.sender.scripted_server import response, taking_all

SENT = {Outcome.SENT}


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
