"""Mishaps of a broadcast, by the fast sender and over real connections."""

import json
import socket
import time
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from django_aws_api_gateway_websockets.exceptions import NoCredentials
from django_aws_api_gateway_websockets.messaging import retries
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.messaging.sender import Sender, opening, overdue
from django_aws_api_gateway_websockets.messaging.transports import current_transport
from django_aws_api_gateway_websockets.models import ApiGateway, WebSocketSession
from tests.app.lobby import HELLO, everybody
from tests.app.small_gateway import running_gateway
from tests.aws_environment import replace_aws_environment
from tests.ports import free_port

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def sender(settings, monkeypatch):
    """The transport that a project has by default."""
    replace_aws_environment(monkeypatch)
    settings.WEBSOCKETS = {
        name: value
        for name, value in settings.WEBSOCKETS.items()
        if name != "transport"
    }
    sender = current_transport()
    assert isinstance(sender, Sender)
    yield sender
    sender.close()


@pytest.fixture
def quick_retries(monkeypatch):
    monkeypatch.setattr(retries, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(retries, "LONGEST_PAUSE", 0.001)
    monkeypatch.setattr(opening, "FIRST_PAUSE", 0.001)


@pytest.fixture
def small_gateway():
    with running_gateway() as gateway:
        yield gateway


@pytest.fixture
def make_client(make_session, small_gateway):
    """Put clients into the lobby whom the small gateway knows."""
    ApiGateway.objects.update(callback_url=small_gateway.callback_url)
    return make_session


def api_gateway(name, callback_url, **fields):
    return ApiGateway.objects.create(api_name=name, callback_url=callback_url, **fields)


def test_each_recipient_who_is_throttled_is_reported_and_stays_open(
    make_client, small_gateway, quick_retries
):
    names = [f"{number}=" for number in range(20)]
    for name in names:
        make_client(name)
    for name in names[:10]:
        small_gateway.answer(name, 429)

    result = everybody().send_message(HELLO)

    assert str(result) == "10 sent, 0 gone, 0 connecting, 10 throttled, 0 failed"
    assert dict(result.failures) == dict.fromkeys(
        names[:10], "HTTP 429 LimitExceededException"
    )
    assert sorted(result.connection_ids(Outcome.SENT)) == sorted(names[10:])
    assert not everybody().filter(connected=False).exists()


def test_after_an_outage_the_next_broadcast_starts_afresh(make_session, quick_retries):
    port = free_port()
    address = f"http://127.0.0.1:{port}/production"
    gateway = api_gateway("away", address)
    for number in range(50):
        make_session(f"{number}=", api_gateway=gateway)

    during = everybody().send_message(HELLO)
    with running_gateway(port) as small_gateway:
        after = everybody().send_message(HELLO)

    assert (during.sent, during.failed) == (0, 50)
    assert set(during.reasons) == {"Connection refused"}
    assert (after.sent, after.failed) == (50, 0)
    # Nobody is asked twice, and nobody who was asked in vain before.
    assert len(small_gateway.calls) == 50


def test_what_was_throttled_before_has_all_tries_in_the_next_broadcast(
    make_client, small_gateway, quick_retries
):
    make_client()
    for _ in range(5):
        small_gateway.answer("alice=", 429)
        assert everybody().send_message(HELLO).throttled == 1
        small_gateway.answer("alice=", 429, 500, 429, 500, 429, 200)
        assert everybody().send_message(HELLO).sent == 1


def test_an_endpoint_that_hangs_holds_nobody_else_up(
    make_client, small_gateway, monkeypatch
):
    monkeypatch.setattr(overdue, "LONGEST_CALL", 0.5)
    monkeypatch.setattr(retries, "MOST_TRIES", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/production"
        hanging = api_gateway("hanging", address)
        for number in range(20):
            make_client(f"{number}=")
        make_client("hanging=", api_gateway=hanging)
        began = time.monotonic()

        result = everybody().send_message(HELLO)

    assert (result.sent, result.failed) == (20, 1)
    assert set(result.reasons) == {"no answer in 0.5 seconds"}
    assert max(call.at for call in small_gateway.calls) < began + overdue.LONGEST_CALL


def test_without_credentials_nothing_is_sent_and_that_is_an_error(
    make_client, small_gateway, monkeypatch
):
    make_client("a")
    make_client("b")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)

    with pytest.raises(NoCredentials):
        everybody().send_message(HELLO)
    with pytest.raises(NoCredentials):
        WebSocketSession.objects.get(connection_id="a").send_message(HELLO)

    assert small_gateway.calls == []
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "found")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "again")
    assert everybody().send_message(HELLO).sent == 2


@pytest.mark.parametrize(
    "callback_url",
    [
        "",
        "nonsense",
        "ftp://127.0.0.1/production",
        "http://socket.example/production",
        "https://",
        "https://[::1/production",
        "https://127.0.0.1:port/production",
        "https://127.0.0.1:99999/production",
        f"https://{'x' * 64}.example/production",
        "https://127.0.0.1:1/a b\r\nX: y/production",
    ],
)
def test_a_gateway_whose_row_is_no_good_costs_only_its_own_recipients(
    make_client, small_gateway, quick_retries, callback_url
):
    # Of a draft there is not even the id of an API.
    bad = api_gateway("bad", callback_url, api_id="", api_endpoint="")
    make_client("first=")
    make_client("theirs=", api_gateway=bad)
    make_client("orphan=", api_gateway=None)
    make_client("last=")

    result = everybody().send_message(HELLO)

    assert sorted(small_gateway.bodies) == ["first=", "last="]
    assert (result.sent, result.failed) == (2, 2)
    reasons = dict(result.failures)
    assert sorted(reasons) == ["orphan=", "theirs="]
    assert reasons["theirs="]


def test_of_a_slice_a_union_and_a_join_each_gets_the_message_once(
    make_client, small_gateway, django_user_model
):
    user = django_user_model.objects.create(username="alice")
    for name in ("a", "b", "c"):
        make_client(name, user=user)
    make_client("d")
    joined = WebSocketSession.objects.filter(user__websocket_sessions__pk__gt=0)
    others = WebSocketSession.objects.filter(connection_id="d")

    for sessions, names in [
        (everybody().order_by("-connection_id")[1:3], {"b", "c"}),
        (joined, {"a", "b", "c"}),
        (joined.union(others), {"a", "b", "c", "d"}),
        (everybody().distinct(), {"a", "b", "c", "d"}),
    ]:
        small_gateway.calls.clear()

        assert sessions.send_message(HELLO).sent == len(names)
        assert {name: len(got) for name, got in small_gateway.bodies.items()} == (
            dict.fromkeys(names, 1)
        )


def test_what_json_has_no_word_for_arrives_as_text(make_client, small_gateway):
    make_client()
    message = {
        "price": Decimal("1.50"),
        "at": datetime(2026, 11, 24, 12, tzinfo=UTC),
        "id": UUID(int=1),
        "emoji": "🙂" * 11_000,
    }

    assert everybody().send_message(message).sent == 1

    [body] = small_gateway.bodies["alice="]
    assert json.loads(body) == {
        "price": "1.50",
        "at": "2026-11-24T12:00:00Z",
        "id": "00000000-0000-0000-0000-000000000001",
        "emoji": "🙂" * 11_000,
    }
    assert len(body) < 45_000


@pytest.mark.parametrize("number", [float("nan"), float("-inf")])
def test_what_is_no_json_goes_to_nobody(make_client, small_gateway, number):
    make_client()

    with pytest.raises(ValueError, match="JSON"):
        everybody().send_message({"number": number})

    assert small_gateway.calls == []


def test_hanging_up_on_many_tells_each_and_ends_each(make_client, small_gateway):
    names = [f"{number}=" for number in range(200)]
    for name in names:
        make_client(name)

    assert everybody().disconnect() == 200

    calls = [(call.connection_id, call.method) for call in small_gateway.calls]
    assert sorted(calls) == sorted(
        (name, method) for name in names for method in ("POST", "DELETE")
    )
    assert all(
        calls.index((name, "POST")) < calls.index((name, "DELETE")) for name in names
    )
