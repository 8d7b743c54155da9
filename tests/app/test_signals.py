"""What a project can hear of its sockets, each thing once."""

from collections import Counter

import pytest
from django.db import transaction
from django.dispatch import Signal
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from django_aws_api_gateway_websockets import signals
from django_aws_api_gateway_websockets.cleanup import clean_up
from django_aws_api_gateway_websockets.exceptions import (
    NotAuthenticated,
    OwnCheckFailed,
    UntrustedRequest,
)
from django_aws_api_gateway_websockets.models import WebSocketSession
from django_aws_api_gateway_websockets.views import WebSocketTokenView
from tests.app.echo import EchoView
from tests.app.lobby import GONE, HELLO, everybody
from tests.gateway import ALICE, session

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = ["connected", "disconnected", "gone", "message_handled", "refused"]


@pytest.fixture
def heard():
    """What was heard: the signal's name, the sender, and what it carries."""
    calls = []
    receivers = [listen(name, calls) for name in NAMES]
    yield calls
    for name, receiver in zip(NAMES, receivers, strict=True):
        getattr(signals, name).disconnect(receiver)


def listen(name, calls):
    def receiver(sender, signal, **carried):
        calls.append((name, sender, carried))

    signal: Signal = getattr(signals, name)
    signal.connect(receiver)
    return receiver


class TestEachSignal:
    def test_connected(self, gateway, heard):
        gateway.connect()

        [(name, sender, carried)] = heard
        assert (name, sender) == ("connected", EchoView)
        assert carried["session"] == session()
        assert carried["request"].path == "/ws/connect"

    def test_message_handled(self, gateway, transport, heard):
        gateway.connect()
        gateway.message({"handler": "echo", "text": "hello"})

        [_, (name, sender, carried)] = heard
        assert (name, sender) == ("message_handled", EchoView)
        assert (carried["session"], carried["handler"]) == (session(), "echo")
        assert carried["request"].path == "/ws/default"

    def test_refused(self, gateway, heard):
        gateway.connect(secret="another")

        [(name, sender, carried)] = heard
        assert (name, sender) == ("refused", EchoView)
        assert isinstance(carried["refusal"], UntrustedRequest)
        assert carried["request"].path == "/ws/connect"

    def test_refused_by_a_view_that_overrides_connect(self, serve, heard):
        class PickyView(EchoView):
            def connect(self, request, *args, **kwargs):
                super().connect(request, *args, **kwargs)
                return HttpResponse("Full", status=503)

        serve(PickyView).connect()

        assert [name for name, *_ in heard] == ["connected", "refused", "disconnected"]
        _, sender, carried = heard[1]
        assert sender is PickyView
        assert isinstance(carried["refusal"], OwnCheckFailed)
        assert carried["refusal"].reason == "PickyView.connect answered 503"

    def test_refused_of_a_token(self, settings, heard):
        settings.ROOT_URLCONF = (path("token/", WebSocketTokenView.as_view()),)

        Client().post("/token/", secure=True)

        [(name, sender, carried)] = heard
        assert (name, sender) == ("refused", WebSocketTokenView)
        assert isinstance(carried["refusal"], NotAuthenticated)
        assert carried["request"].path == "/token/"

    def test_disconnected(self, gateway, heard):
        gateway.connect()
        gateway.disconnect()
        gateway.disconnect()

        [_, (name, sender, carried)] = heard
        assert (name, sender) == ("disconnected", WebSocketSession)
        assert carried == {"connection_ids": [ALICE], "reason": "disconnect"}

    def test_disconnected_by_hand(self, transport, make_session, heard):
        make_session("a"), make_session("b")

        everybody().disconnect()
        session("a").disconnect()

        [(name, sender, carried)] = heard
        assert (name, sender) == ("disconnected", WebSocketSession)
        assert sorted(carried.pop("connection_ids")) == ["a", "b"]
        assert carried == {"reason": "staff"}

    @pytest.mark.usefixtures("clock")
    def test_disconnected_by_age(self, make_session, heard):
        make_session("old", age=7_201)

        clean_up()
        clean_up()

        [(name, _, carried)] = heard
        assert name == "disconnected"
        assert carried == {"connection_ids": ["old"], "reason": "age"}

    def test_gone(self, transport, make_session, heard):
        for name in ("a", "b", "c"):
            make_session(name)
        transport.answer("a", GONE)
        transport.answer("b", GONE)

        everybody().send_message(HELLO)
        everybody().send_message(HELLO)

        [(name, sender, carried)] = heard
        assert (name, sender) == ("gone", WebSocketSession)
        assert sorted(carried.pop("connection_ids")) == ["a", "b"]
        assert carried == {"reason": "gone"}

    @pytest.mark.usefixtures("transport")
    def test_gone_is_the_last_of_one_that_was(self, gateway, heard):
        gateway.connect()
        WebSocketSession.objects.close_as_gone([session().pk])
        gateway.disconnect()

        assert [name for name, *_ in heard] == ["connected", "gone"]

    def test_connected_of_one_that_was_not_gone(self, gateway, transport, heard):
        gateway.connect()
        WebSocketSession.objects.close_as_gone([session().pk])

        gateway.message({"handler": "silent"})
        gateway.message({"handler": "silent"})

        assert Counter(name for name, *_ in heard) == {
            "connected": 2,
            "gone": 1,
            "message_handled": 2,
        }


@pytest.mark.parametrize("name", NAMES)
def test_a_receiver_that_raises_changes_nothing(gateway, transport, caplog, name):
    def raises(sender, **carried):
        raise RuntimeError("of the project")

    signal = getattr(signals, name)
    signal.connect(raises)
    try:
        assert gateway.connect().status_code == 200
        assert gateway.message({"handler": "echo", "text": "a"}).status_code == 200
        assert gateway.message({}).status_code == 400
        WebSocketSession.objects.close_as_gone([session().pk])
        assert gateway.message({"handler": "silent"}).status_code == 200
        assert gateway.disconnect().status_code == 200
    finally:
        signal.disconnect(raises)

    assert session().closed_reason == "disconnect"
    assert "of the project" in caplog.text


def test_what_is_rolled_back_is_not_told(transport, make_session, heard):
    alice = make_session()

    with transaction.atomic():
        alice.disconnect()
        transaction.set_rollback(True)

    assert heard == []
