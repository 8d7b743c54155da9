"""Sessions closed by hand: the last words, the end, and nothing after it."""

import pytest
from django.db import transaction

from django_aws_api_gateway_websockets.messaging import retries
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models import (
    ApiGateway,
    ClosedReason,
    WebSocketSession,
    hanging_up,
)
from tests.app.lobby import GONE, HELLO, SENT, everybody
from tests.app.logins import user_named
from tests.gateway import ALICE, rows, session

pytestmark = pytest.mark.django_db(transaction=True)


def goodbye(reason="staff", *, reconnect=False):
    return {"type": "goodbye", "reason": reason, "reconnect": reconnect}


class TestASession:
    def test_is_told_before_it_is_hung_up_on(self, transport, make_session):
        alice = make_session()

        assert alice.disconnect() is True

        # Nothing reaches a client after the end, and this has.
        assert transport.messages_to("alice=") == [goodbye()]
        assert transport.hung_up == ["alice="]
        assert (alice.connected, alice.closed_reason) == (False, "staff")
        assert not session("alice=").connected
        assert session("alice=").closed_reason == "staff"
        assert session("alice=").closed_on is not None

    def test_is_closed_once(self, transport, make_session):
        alice = make_session()
        alice.disconnect()
        before = rows()

        assert alice.disconnect(ClosedReason.ABUSE) is False

        assert rows() == before
        assert len(transport.posts) == 1

    @pytest.mark.parametrize(
        ("reason", "reconnect"),
        [
            (reason, reason in {ClosedReason.PASSWORD, ClosedReason.GATEWAY})
            for reason in ClosedReason
        ],
    )
    def test_is_told_the_reason_and_whether_to_come_back(
        self, transport, make_session, reason, reconnect
    ):
        make_session().disconnect(reason)

        assert transport.messages_to("alice=") == [
            goodbye(reason.value, reconnect=reconnect)
        ]

    @pytest.mark.parametrize("reconnect", [True, False])
    def test_may_be_told_otherwise(self, transport, make_session, reconnect):
        for reason in (ClosedReason.STAFF, ClosedReason.PASSWORD):
            make_session(reason.value).disconnect(reason, reconnect=reconnect)

        assert [post.message["reconnect"] for post in transport.posts] == [
            reconnect
        ] * 2

    def test_in_its_handshake_is_asked_twice(self, transport, make_session):
        make_session(age=1).disconnect()

        transport.clear()
        transport.answer("bob=", GONE, SENT)
        make_session("bob=", age=1).disconnect()

        assert transport.messages_to("bob=") == [goodbye()]
        assert transport.hung_up == ["bob="]

    def test_that_is_not_there_is_closed_all_the_same(self, transport, make_session):
        transport.answer("alice=", GONE)
        transport.answer("bob=", GONE)

        assert make_session().disconnect() is True
        assert make_session("bob=", age=1).disconnect() is True

        assert transport.hung_up == []
        assert session("alice=").closed_reason == "staff"
        assert session("bob=").closed_reason == "staff"

    def test_without_an_address_is_closed_and_logged(self, make_session, caplog):
        draft = ApiGateway.objects.create(api_name="draft")

        assert make_session(api_gateway=draft).disconnect() is True

        assert session("alice=").closed_reason == "staff"
        assert "'draft' has no address" in caplog.text

    def test_stays_closed_whatever_comes(self, gateway, transport):
        gateway.connect()
        session().disconnect()
        before = rows()

        assert gateway.message({"handler": "echo", "text": "hello"}).status_code == 400
        assert gateway.connect().status_code == 400
        assert gateway.disconnect().status_code == 200
        WebSocketSession.objects.close_as_gone([session().pk])

        assert rows() == before
        assert everybody().send_message(HELLO) == []
        assert transport.messages_to(ALICE) == [goodbye()]


class TestMany:
    def test_are_counted_if_they_were_open(self, transport, make_session):
        make_session("a")
        make_session("b")
        make_session("gone", connected=False, closed_reason="gone")
        make_session("closed", connected=False, closed_reason="logout")
        make_session("elsewhere", channel_name="kitchen")

        assert everybody().disconnect(ClosedReason.AGE) == 2

        assert sorted(transport.hung_up) == ["a", "b"]
        reasons = dict(everybody().values_list("connection_id", "closed_reason"))
        assert reasons == {"a": "age", "b": "age", "gone": "age", "closed": "logout"}
        assert session("elsewhere").connected
        assert everybody().disconnect() == 0

    def test_may_be_a_slice(self, transport, make_session):
        make_session("a", connected=False, closed_reason="logout")
        for name in ("b", "c"):
            make_session(name)

        assert everybody().order_by("connection_id")[:2].disconnect() == 1

        assert transport.hung_up == ["b"]
        assert session("a").closed_reason == "logout"
        assert session("c").connected

    def test_may_be_joined_and_united(self, transport, make_session):
        user = user_named()
        for name in ("a", "b"):
            make_session(name, user=user)
        make_session("c")
        joined = WebSocketSession.objects.filter(user__websocket_sessions__pk__gt=0)
        united = joined.union(WebSocketSession.objects.filter(connection_id="c"))

        assert joined.disconnect() == 2
        assert united.disconnect() == 1

        assert sorted(transport.hung_up) == ["a", "b", "c"]

    def test_that_are_throttled_until_the_time_is_over_are_one_line_of_the_log(
        self, transport, make_session, monkeypatch, caplog
    ):
        monkeypatch.setattr(retries, "MOST_TRIES", 1_000)
        monkeypatch.setattr(hanging_up, "LONGEST_HANG_UP", 1.0)
        for name in ("a", "b"):
            make_session(name)
            transport.answer(name, Outcome.THROTTLED)

        assert everybody().disconnect() == 2

        assert transport.posts
        assert [record.getMessage() for record in caplog.records] == [
            "2 more connections are closed (staff) and were not hung up on: "
            "the gateway took longer than 1.0 seconds"
        ]

    def test_are_counted_if_they_could_not_be_hung_up_on(self, transport, make_session):
        for name in ("a", "b", "c"):
            make_session(name)
        transport.answer("a", Outcome.FAILED)
        transport.answer("b", GONE)

        result = everybody().hang_up()

        assert (result.closed, result.is_deferred) == (3, False)
        assert result.failures == {"told to": 1}

    def test_without_credentials_are_closed_and_logged(
        self, broken_transport, make_session, caplog
    ):
        for name in ("a", "b"):
            make_session(name)

        result = everybody().hang_up()

        assert result.closed == 2
        [(why, many)] = result.failures.items()
        assert (why.partition(".")[0], many) == ("There is no key", 2)
        assert [record.getMessage() for record in caplog.records] == [
            "2 connections are closed (staff) and were not hung up on"
        ]

    def test_in_a_transaction_are_counted_when_it_has_committed(
        self, transport, make_session
    ):
        make_session("a")
        transport.answer("a", Outcome.FAILED)

        with transaction.atomic():
            result = everybody().hang_up()
            assert (result.closed, result.is_deferred) == (1, True)
            assert not result.failures

        assert result.failures == {"told to": 1}

    def test_are_hung_up_on_at_the_gateway_of_each(self, transport, make_session):
        frankfurt = gateway_in("eu-central-1")
        beijing = gateway_in("cn-north-1", "amazonaws.com.cn")
        make_session("a", api_gateway=frankfurt)
        make_session("b", api_gateway=beijing)

        assert everybody().disconnect() == 2

        assert {post.connection_id: post.callback_url for post in transport.posts} == {
            "a": "https://abc.execute-api.eu-central-1.amazonaws.com/production",
            "b": "https://abc.execute-api.cn-north-1.amazonaws.com.cn/production",
        }

    def test_take_as_many_statements_as_one(
        self, transport, make_session, django_assert_num_queries
    ):
        for number in range(20):
            make_session(f"{number}")

        with django_assert_num_queries(4):
            assert everybody().disconnect() == 20
        with django_assert_num_queries(1):
            assert everybody().disconnect() == 0


def gateway_in(region, domain="amazonaws.com"):
    return ApiGateway.objects.create(
        api_name=region, api_endpoint=f"wss://abc.execute-api.{region}.{domain}"
    )
