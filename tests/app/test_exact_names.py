"""Names and ids that differ by a capital or an accent are two, on every database."""

import pytest

from django_aws_api_gateway_websockets.models import (
    ApiGateway,
    ChannelPermission,
    RateLimit,
    RateLimitBucket,
    WebSocketSession,
)
from tests.app.lobby import HELLO

pytestmark = pytest.mark.django_db(transaction=True)

alike = pytest.mark.parametrize("other", ["Lobby", "LOBBY", "löbby", "lobby_"])


def in_channel(name):
    return WebSocketSession.objects.filter(channel_name=name)


def test_connections(make_session, transport):
    one, other = make_session("AbC="), make_session("aBc=")

    assert WebSocketSession.objects.of_connection("aBc=") == other
    assert WebSocketSession.objects.end("AbC=", api_id="api123")

    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.connected, other.connected) == (False, True)
    assert not WebSocketSession.objects.end("abc=", api_id="api123")


@alike
def test_channels(make_session, transport, other):
    make_session("a=", channel_name="lobby")
    make_session("b=", channel_name=other)

    assert in_channel("lobby").send_message(HELLO).sent == 1
    assert in_channel(other).disconnect() == 1

    assert transport.messages_to("a=") == [HELLO]
    assert transport.hung_up == ["b="]


@alike
def test_permissions_of_channels(other):
    ChannelPermission.objects.create(channel_name="lobby", access="staff_only")

    assert ChannelPermission.for_channel(other) is None
    rule = ChannelPermission.objects.create(channel_name=other)
    assert ChannelPermission.for_channel(other) == rule


@alike
def test_what_is_limited(other):
    limit = RateLimit(limit=1, window=60)

    waits = [
        RateLimitBucket.objects.take_slot(name, limit) for name in ("lobby", other)
    ]

    assert waits == [0, 0]


def test_gateways():
    ApiGateway.objects.create(api_name="other", api_id="API123")

    assert ApiGateway.objects.get(api_id="api123").api_name != "other"
