"""Nobody notices when connections do not outlast their server."""

from threading import Barrier, Timer

from django_aws_api_gateway_websockets.messaging.contract import (
    MOST_CONNECTIONS,
    Outcome,
)
from django_aws_api_gateway_websockets.messaging.sender import opening
from tests.app.sender.broadcasts import (
    MESSAGE,
    names,
    outcomes,
    recipients_of,
    send_to,
)
from tests.app.sender.scripted_server import ScriptedServer, response, taking_all

SENT = {Outcome.SENT}


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
