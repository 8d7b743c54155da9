"""How many messages a client may send, and what it hears if it sends more."""

from typing import ClassVar

import pytest

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.models import WebSocketSession
from django_aws_api_gateway_websockets.routing import handler
from tests.app.clocks import Clock
from tests.app.echo import PublicView, refusal
from tests.app.test_races import at_once
from tests.gateway import ALICE, BOB, session

pytestmark = pytest.mark.django_db(transaction=True)

COUNT = {"handler": "count", "id": 7}
TOO_MANY = {
    "type": "error",
    "code": "rate_limit_exceeded",
    "message": "Rate limit exceeded",
}
GOODBYE = {"type": "goodbye", "reason": "abuse", "reconnect": False}


class CountingView(PublicView):
    RATE_LIMIT_ENABLED = True
    handled: ClassVar[list[str]] = []

    @handler
    def count(self, request, *args, **kwargs):
        self.handled.append(self.event.connection_id)


class FreeView(CountingView):
    RATE_LIMIT_ENABLED = False


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def limit(settings):
    def limit(number):
        settings.WEBSOCKETS = {
            **settings.WEBSOCKETS,
            "message_rate_limit_per_minute": number,
        }

    return limit


@pytest.fixture
def gateway(serve, limit, transport):
    """A client is connected, and may send three messages, then one in twenty seconds."""
    limit(3)
    CountingView.handled.clear()
    gateway = serve(CountingView)
    gateway.connect(ALICE)
    return gateway


def send(gateway, number, connection_id=ALICE):
    """The statuses of so many messages."""
    return [gateway.message(COUNT, connection_id).status_code for _ in range(number)]


class TestExcessMessages:
    def test_are_dropped(self, gateway):
        statuses = send(gateway, 8)

        assert statuses == [200] * 3 + [403] * 5
        assert len(CountingView.handled) == 3
        assert session().request_count == 3

    def test_are_answered_to_the_gateway_with_when_to_come_back(self, gateway):
        send(gateway, 3)
        response = gateway.message(COUNT)

        assert refusal(response) == (403, "Rate limit exceeded")
        assert response["Retry-After"] == "1"

    def test_are_told_once_a_second(self, gateway, transport, clock):
        send(gateway, 3)
        for frames in range(1, 5):
            send(gateway, 3)
            clock.advance(0.999)
            send(gateway, 3)
            assert transport.messages_to(ALICE) == [TOO_MANY] * frames
            clock.advance(0.001)

    def test_leave_one_more_each_step(self, gateway, clock):
        send(gateway, 8)
        clock.advance(20)

        assert send(gateway, 3) == [200, 403, 403]

    def test_leave_other_clients_alone(self, gateway):
        gateway.connect(BOB)
        send(gateway, 8)

        assert send(gateway, 3, BOB) == [200] * 3

    def test_do_not_open_a_session_that_is_gone(self, gateway, transport):
        send(gateway, 3)
        WebSocketSession.objects.update(connected=False, closed_reason="gone")

        assert send(gateway, 1) == [403]
        assert session().closed_reason == "gone"
        assert transport.posts == []

    def test_are_not_told_to_a_closed_session(self, gateway, transport):
        send(gateway, 3)
        WebSocketSession.objects.update(connected=False, closed_reason="staff")

        assert refusal(gateway.message(COUNT)) == (400, "Invalid connection ID")
        assert transport.posts == []

    def test_a_time_from_a_clock_that_was_wrong_locks_nobody_out(self, gateway):
        WebSocketSession.objects.update(messages_free_at=2**60)

        assert gateway.message(COUNT).status_code == 200


class TestAbuse:
    def go_on(self, gateway, clock, *, seconds):
        for _ in range(seconds):
            clock.advance(1)
            send(gateway, 2)

    def test_of_ten_seconds_ends_the_connection(self, gateway, transport, clock):
        send(gateway, 4)
        self.go_on(gateway, clock, seconds=9)
        assert transport.hung_up == []
        assert session().connected

        self.go_on(gateway, clock, seconds=1)

        assert transport.hung_up == [ALICE]
        assert transport.messages_to(ALICE) == [TOO_MANY] * 10 + [GOODBYE]
        assert not session().connected
        assert session().closed_reason == "abuse"

    def test_is_over_after_a_pause(self, gateway, transport, clock):
        for _ in range(2):
            send(gateway, 4)
            self.go_on(gateway, clock, seconds=9)
            clock.advance(3)

        assert transport.hung_up == []
        assert session().connected

    def test_is_not_what_comes_now_and_then(self, gateway, transport, clock):
        for _ in range(15):
            send(gateway, 4)
            clock.advance(4)

        assert transport.hung_up == []

    def test_is_refused_from_then_on(self, gateway, transport, clock):
        send(gateway, 4)
        self.go_on(gateway, clock, seconds=10)
        transport.clear()

        assert refusal(gateway.message(COUNT)) == (400, "Invalid connection ID")
        assert transport.posts == []

    def test_is_not_made_of_a_clock_that_jumps(self, gateway, transport, clock):
        send(gateway, 4)
        for seconds in (3600, -3600, 30, -30, 3600):
            clock.advance(seconds)
            send(gateway, 4)

        assert transport.messages_to(ALICE) == [TOO_MANY] * 6
        assert transport.hung_up == []


class TestStatements:
    def test_a_message_within_the_limit_takes_two(
        self, gateway, django_assert_num_queries
    ):
        with django_assert_num_queries(2):
            gateway.message(COUNT)

    def test_one_too_many_takes_one_however_many_there_were(
        self, gateway, django_assert_num_queries
    ):
        send(gateway, 15)

        with django_assert_num_queries(1):
            gateway.message(COUNT)


class TestSettings:
    @pytest.mark.parametrize("value", [None, -1, 0.5, "12", True])
    def test_what_is_no_number_is_the_default(self, limit, value):
        limit(value)

        assert conf.message_rate_limit_per_minute == 600

    def test_zero_is_no_limit(self, gateway, limit):
        limit(0)

        assert send(gateway, 10) == [200] * 10

    def test_a_view_may_be_without_any(self, serve, gateway):
        assert send(serve(FreeView), 10) == [200] * 10


def test_of_a_hundred_at_once_exactly_the_limit_is_handled(gateway, limit, transport):
    limit(20)

    statuses = at_once(*[lambda gateway: gateway.message(COUNT)] * 100)

    assert sorted(statuses) == [200] * 20 + [403] * 80
    assert len(CountingView.handled) == 20
    assert session().request_count == 20
    assert transport.messages_to(ALICE) == [TOO_MANY]
