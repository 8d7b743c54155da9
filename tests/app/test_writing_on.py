"""A client that writes on after it was hung up on: the hang-up may not have reached it."""

import pytest
from django.contrib.auth.models import User

from django_aws_api_gateway_websockets.models import ClosedReason, WebSocketSession
from tests.app.clocks import Clock
from tests.app.echo import refusal
from tests.app.logins import user_named
from tests.gateway import ALICE, session

pytestmark = pytest.mark.django_db(transaction=True)

REFUSED = (400, "Invalid connection ID")
HUNG_UP = sorted({*ClosedReason} - {"disconnect", "gone", "age"})


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def closed(clock, gateway, transport):
    """Alice was hung up on, and has written nothing since."""
    gateway.connect()
    session().disconnect()
    transport.clear()
    return gateway


def write(gateway):
    assert refusal(gateway.message({"handler": "silent"})) == REFUSED


@pytest.mark.parametrize("seconds", [0, 1, 5])
def test_what_was_under_way_is_refused_and_no_more(closed, transport, clock, seconds):
    clock.advance(seconds)

    write(closed)

    assert transport.posts == []
    assert transport.hung_up == []


def test_six_seconds_later_it_is_hung_up_on_again(closed, transport, clock):
    clock.advance(6)

    write(closed)

    assert transport.messages_to(ALICE) == [
        {"type": "goodbye", "reason": "staff", "reconnect": False}
    ]
    assert transport.hung_up == [ALICE]
    assert session().closed_reason == "staff"


def test_it_is_hung_up_on_once_a_second(closed, transport, clock):
    clock.advance(6)
    for _second in range(3):
        transport.clear()
        for _ in range(3):
            write(closed)
        clock.advance(0.999)
        write(closed)
        assert transport.hung_up == [ALICE]
        clock.advance(0.001)


@pytest.mark.parametrize("reason", sorted(HUNG_UP))
def test_it_is_told_the_reason_that_it_was_told(clock, gateway, transport, reason):
    gateway.connect()
    session().disconnect(ClosedReason(reason))
    told = transport.messages_to(ALICE)
    transport.clear()
    clock.advance(6)

    write(gateway)

    assert transport.messages_to(ALICE) == told


@pytest.mark.parametrize("reason", ["disconnect", "age"])
def test_nobody_is_hung_up_on_where_the_connection_had_ended(
    closed, transport, clock, reason
):
    WebSocketSession.objects.update(closed_reason=reason)
    clock.advance(6)

    write(closed)

    assert transport.posts == []


def test_a_user_who_has_gone_is_hung_up_on_again_too(closed, transport, clock):
    WebSocketSession.objects.update(user=user_named())
    User.objects.update(is_active=False)
    clock.advance(6)

    write(closed)
    write(closed)

    assert transport.hung_up == [ALICE]
