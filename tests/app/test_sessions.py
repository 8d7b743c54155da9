"""Messages to clients: one, many, gone, and in a transaction."""

import time
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone

from django_aws_api_gateway_websockets.exceptions import SendFailed
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models import (
    DEFERRED,
    ApiGateway,
    WebSocketSession,
)

pytestmark = pytest.mark.django_db(transaction=True)

SENT, GONE = Outcome.SENT, Outcome.GONE
HELLO = {"type": "hello"}


@pytest.fixture
def make_session():
    gateway = ApiGateway.objects.get()

    def make_session(connection_id="alice=", *, age=60, **fields):
        session = WebSocketSession.objects.create(
            connection_id=connection_id,
            **{"channel_name": "lobby", "api_gateway": gateway, **fields},
        )
        created_on = timezone.now() - timedelta(seconds=age)
        WebSocketSession.objects.filter(pk=session.pk).update(created_on=created_on)
        return WebSocketSession.objects.get(pk=session.pk)

    return make_session


class BrokenTransport:
    def post(self, callback_url, connection_id, data):
        raise RuntimeError("no credentials")


def everybody():
    return WebSocketSession.objects.filter(channel_name="lobby")


class TestOneMessage:
    def test_is_posted_to_the_client(self, transport, make_session):
        response = make_session().send_message({"text": "héllo"})

        assert response == {"ResponseMetadata": {}}
        [post] = transport.posts
        assert post.callback_url == "https://socket.example/production"
        assert post.connection_id == "alice="
        assert post.data == '{"text":"héllo"}'.encode()

    def test_may_hold_what_django_can_serialize(self, transport, make_session):
        make_session().send_message(
            {"price": Decimal("1.50"), "id": UUID(int=0), "at": timezone.now()}
        )

        assert transport.messages_to("alice=")[0]["price"] == "1.50"

    @pytest.mark.parametrize("number", [float("nan"), float("inf")])
    def test_that_is_no_json_is_an_error(self, transport, make_session, number):
        with pytest.raises(ValueError, match="JSON"):
            make_session().send_message({"number": number})

    def test_may_have_44_kb_of_emoji(self, transport, make_session):
        make_session().send_message({"text": "🙂" * 11_000})

        assert len(transport.posts[0].data) < 45_000

    def test_over_the_limit_is_an_error_that_names_both_sizes(self, make_session):
        with pytest.raises(ValueError, match=r"131083 bytes, more than 131072"):
            make_session().send_message({"text": "x" * 131_072})

    def test_without_a_gateway_is_an_error(self, make_session):
        with pytest.raises(ValueError, match="alice= has no gateway"):
            make_session(api_gateway=None).send_message(HELLO)

    def test_to_a_gateway_without_address_is_an_error(self, make_session):
        draft = ApiGateway.objects.create(api_name="draft")

        with pytest.raises(ValueError, match="'draft' has no address"):
            make_session(api_gateway=draft).send_message(HELLO)

    @pytest.mark.parametrize("outcome", [Outcome.THROTTLED, Outcome.FAILED])
    def test_that_fails_says_how(self, transport, make_session, outcome):
        session = make_session()
        transport.answer("alice=", outcome)

        with pytest.raises(SendFailed) as failure:
            session.send_message(HELLO)

        assert failure.value.outcome == outcome.value
        assert failure.value.reason == "told to"
        session.refresh_from_db()
        assert session.connected

    def test_to_a_closed_session_is_not_sent(self, transport, make_session):
        session = make_session(connected=False, closed_reason="logout")

        assert session.send_message(HELLO) is None
        assert transport.posts == []


class TestGoneIsAHint:
    def test_a_client_that_is_gone_is_closed(self, transport, make_session):
        session = make_session()
        transport.answer("alice=", GONE)

        assert session.send_message(HELLO) is None

        assert not session.connected
        session.refresh_from_db()
        assert not session.connected
        assert session.closed_reason == "gone"
        assert session.closed_on is not None
        assert len(transport.posts) == 1

    def test_a_new_client_gets_a_second_chance(self, transport, make_session):
        session = make_session(age=1)
        transport.answer("alice=", GONE, SENT)
        begin = time.monotonic()

        assert session.send_message(HELLO) is not None

        assert time.monotonic() - begin >= 0.25
        assert transport.messages_to("alice=") == [HELLO]

    def test_a_second_gone_is_still_connecting(self, transport, make_session):
        session = make_session(age=1)
        transport.answer("alice=", GONE)

        assert session.send_message(HELLO) is None

        assert len(transport.posts) == 2
        session.refresh_from_db()
        assert session.connected
        assert session.closed_reason == ""

    def test_a_client_that_has_sent_something_is_not_new(self, transport, make_session):
        session = make_session(age=1, request_count=1)
        transport.answer("alice=", GONE)

        assert session.send_message(HELLO) is None

        assert len(transport.posts) == 1
        session.refresh_from_db()
        assert session.closed_reason == "gone"

    def test_a_session_closed_for_another_reason_keeps_it(
        self, transport, make_session
    ):
        session = make_session()
        transport.answer("alice=", GONE)
        WebSocketSession.objects.update(connected=False, closed_reason="logout")

        session.send_message(HELLO)

        session.refresh_from_db()
        assert session.closed_reason == "logout"


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

    def test_waits_once_for_all_who_are_connecting(self, transport, make_session):
        for number in range(5):
            make_session(f"{number}=", age=1)
            transport.answer(f"{number}=", GONE, SENT)
        begin = time.monotonic()

        result = everybody().send_message(HELLO)

        assert time.monotonic() - begin < 0.5
        assert (result.sent, result.connecting) == (5, 0)

    def test_takes_three_statements_with_one_gone(
        self, transport, make_session, django_assert_num_queries
    ):
        for number in range(5):
            make_session(f"{number}=")
        transport.answer("3=", GONE)

        with django_assert_num_queries(3):
            everybody().send_message(HELLO)

    def test_without_credentials_is_an_error(self, make_session, settings):
        settings.WEBSOCKETS = {
            **settings.WEBSOCKETS,
            "transport": f"{__name__}.BrokenTransport",
        }
        for name in ("a", "b"):
            make_session(name)

        with pytest.raises(RuntimeError, match="no credentials"):
            everybody().send_message(HELLO)

    def test_to_nobody_is_empty(self, transport):
        assert everybody().send_message(HELLO) == []

    def test_of_a_slice_reaches_the_slice(self, transport, make_session):
        for name in ("a", "b", "c"):
            make_session(name)

        result = everybody().order_by("connection_id")[:2].send_message(HELLO)

        assert result.sent == 2
        assert {post.connection_id for post in transport.posts} == {"a", "b"}

    def test_of_a_union_and_of_a_join_reaches_each_once(
        self, transport, make_session, django_user_model
    ):
        user = django_user_model.objects.create(username="alice")
        make_session("a", user=user)
        make_session("b", user=user)
        joined = WebSocketSession.objects.filter(user__websocket_sessions__pk__gt=0)

        assert joined.send_message(HELLO).sent == 2
        assert joined.union(everybody()).send_message(HELLO).sent == 2


class TestCommitFirst:
    def test_a_message_waits_for_the_commit(self, transport, make_session):
        session = make_session()

        with transaction.atomic():
            assert session.send_message(HELLO) is DEFERRED
            assert everybody().send_message({"type": "all"}) is DEFERRED
            assert transport.posts == []

        assert transport.messages_to("alice=") == [HELLO, {"type": "all"}]

    def test_a_rollback_sends_nothing(self, transport, make_session):
        session = make_session()

        with transaction.atomic():
            session.send_message(HELLO)
            transaction.set_rollback(True)

        assert transport.posts == []

    def test_errors_of_the_message_come_at_once(self, make_session):
        session = make_session()

        with pytest.raises(ValueError, match="JSON"), transaction.atomic():
            session.send_message({"number": float("nan")})

    def test_a_failure_after_the_commit_is_logged(
        self, transport, make_session, caplog
    ):
        session = make_session()
        transport.answer("alice=", Outcome.FAILED)

        with transaction.atomic():
            session.send_message(HELLO)
            everybody().send_message(HELLO)

        assert [record.name for record in caplog.records] == [
            "django_aws_api_gateway_websockets.models"
        ] * 2
        assert "told to" in caplog.text
        assert "0 sent, 0 gone, 0 connecting, 0 throttled, 1 failed" in caplog.text

    def test_one_that_breaks_after_the_commit_does_not_stop_the_next(
        self, make_session, settings, caplog
    ):
        session = make_session()
        settings.WEBSOCKETS = {
            **settings.WEBSOCKETS,
            "transport": f"{__name__}.BrokenTransport",
        }
        done = []

        with transaction.atomic():
            session.send_message(HELLO)
            transaction.on_commit(lambda: done.append(1))

        assert done == [1]
        assert "no credentials" in caplog.text

    def test_who_is_gone_after_the_commit_is_closed(self, transport, make_session):
        make_session()
        transport.answer("alice=", GONE)

        with transaction.atomic():
            everybody().send_message(HELLO)

        assert WebSocketSession.objects.get().closed_reason == "gone"

    def test_the_last_words_reach_a_session_that_is_then_closed(
        self, transport, make_session
    ):
        make_session()

        with transaction.atomic():
            everybody().send_message(HELLO)
            everybody().delete()

        assert transport.messages_to("alice=") == [HELLO]

    def test_deferred_says_so(self):
        assert repr(DEFERRED) == "DEFERRED"
