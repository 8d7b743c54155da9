"""One message to many clients."""

import pytest

from django_aws_api_gateway_websockets.exceptions import NoCredentials
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models import ApiGateway, WebSocketSession, pages
from tests.app.lobby import GONE, HELLO, SENT, everybody
from tests.large_broadcasts import use_queue

pytestmark = pytest.mark.django_db(transaction=True)


class TestBroadcast:
    def test_reaches_each_open_session_once(self, transport, make_session):
        make_session("alice=")
        make_session("bob=")
        make_session("closed=", connected=False, closed_reason="gone")
        make_session("elsewhere=", channel_name="kitchen")

        result = everybody().send_message(HELLO)

        assert sorted(post.connection_id for post in transport.posts) == [
            "alice=",
            "bob=",
        ]
        assert len(result) == 2
        assert result.sent == 2

    def test_counts_every_outcome_and_stops_at_none(self, transport, make_session):
        for name in ("sent", "gone", "throttled", "failed"):
            make_session(name)
        make_session("connecting", age=1)
        make_session("orphan", api_gateway=None)
        make_session("draft", api_gateway=ApiGateway.objects.create(api_name="draft"))
        transport.answer("gone", GONE)
        transport.answer("connecting", GONE)
        transport.answer("throttled", Outcome.THROTTLED)
        transport.answer("failed", Outcome.FAILED)

        result = everybody().send_message(HELLO)

        assert str(result) == "1 sent, 1 gone, 1 connecting, 1 throttled, 3 failed"
        reasons = dict(result.failures)
        assert sorted(reasons) == ["draft", "failed", "orphan", "throttled"]
        assert reasons["orphan"] == "the session has no gateway"
        assert "'draft'" in reasons["draft"]
        closed = WebSocketSession.objects.filter(connected=False)
        assert [session.connection_id for session in closed] == ["gone"]

    def test_asks_all_before_it_asks_again_who_are_connecting(
        self, transport, make_session
    ):
        names = [f"{number}=" for number in range(5)]
        for name in names:
            make_session(name, age=1)
            transport.answer(name, GONE, SENT)

        result = everybody().send_message(HELLO)

        assert [post.connection_id for post in transport.posts] == names * 2
        assert (result.sent, result.connecting) == (5, 0)

    def test_takes_three_statements_with_one_gone(
        self, transport, make_session, django_assert_num_queries
    ):
        for number in range(5):
            make_session(f"{number}=")
        transport.answer("3=", GONE)

        with django_assert_num_queries(3):
            everybody().send_message(HELLO)

    @pytest.mark.usefixtures("broken_transport")
    def test_without_credentials_is_an_error(self, make_session):
        for name in ("a", "b"):
            make_session(name)

        with pytest.raises(NoCredentials, match="There is no key"):
            everybody().send_message(HELLO)

    @pytest.mark.parametrize(("sessions", "queued"), [(3, 0), (4, 0), (5, 5)])
    def test_is_queued_to_more_than_the_threshold_also_where_that_is_a_page(
        self, transport, queues, make_session, settings, monkeypatch, sessions, queued
    ):
        monkeypatch.setattr(pages, "ROWS_IN_A_PAGE", 4)
        for number in range(sessions):
            make_session(f"{number}=")

        use_queue(settings, queues.url, threshold=4)
        result = everybody().send_message(HELLO)

        assert (result.queued, result.sent) == (queued, sessions - queued)
        assert len(transport.posts) == sessions - queued

    def test_to_nobody_is_empty(self, transport):
        assert everybody().send_message(HELLO) == []
