"""Messages that a socket does not take at once, and what happens meanwhile."""

import pytest

from django_aws_api_gateway_websockets.messaging.contract import Outcome
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

LARGE = 120_000 * b"x"  # bytes, of which a socket does not take all at once


SENT = {Outcome.SENT}


@pytest.mark.parametrize("after", [0, 1, 5_000, 60_000])
@pytest.mark.parametrize("is_secure", [False, True])
def test_a_large_message_whose_sending_breaks_off_is_sent_again(
    serve, sender, context, trusted, is_secure, after
):
    def break_off(peer):
        peer.socket.recv(1)
        left = after
        while left > 0:
            left -= len(peer.socket.recv(left))
        peer.drop()

    server = serve(
        by_connection(break_off, break_off, taking_all),
        context=context if is_secure else None,
    )

    delivery = send_one(sender, server.url, data=LARGE)

    assert delivery.outcome is Outcome.SENT
    assert [each.body for each in server.asked] == [LARGE]


@pytest.mark.parametrize("is_secure", [False, True])
def test_a_message_that_no_socket_takes_at_once_arrives_whole(
    serve, sender, context, trusted, is_secure
):
    server = serve(taking_all, context=context if is_secure else None)
    data = 80 * LARGE

    assert outcomes(send_to(sender, server.url, names(3), data=data)) == SENT

    assert sorted(server.ids) == names(3)
    assert all(asked.body == data for asked in server.asked)


def test_an_answer_that_comes_before_all_is_sent_is_taken(serve, sender):
    """Who then goes on on the same connection would send into the middle of a message."""

    def script(peer):
        peer.socket.recv(20)
        peer.say(response(413))
        peer.wait_for_goodbye()

    server = serve(script)

    deliveries = send_to(sender, server.url, names(5), data=100 * LARGE, connections=1)

    assert {delivery.reason for delivery in deliveries.values()} == {"HTTP 413"}
    assert server.accepted == 5


def test_an_answer_is_read_though_the_server_has_left_meanwhile(serve, sender):
    def script(peer):
        peer.socket.recv(1)
        peer.say(response(413, Connection="close"))
        peer.socket.shutdown(1)
        peer.socket.recv(65_536)

    server = serve(script)

    delivery = send_one(sender, server.url, data=100 * LARGE)

    assert delivery.reason == "HTTP 413"
    assert server.accepted == 1
