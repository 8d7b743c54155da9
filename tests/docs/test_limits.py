"""docs/howto/limits.md against the limits: its settings, views, answers and frames."""

import json
import logging

import pytest
from django.contrib.auth import get_user_model
from django.urls import path

from django_aws_api_gateway_websockets.client_address import forwarded_address
from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.models import RateLimitBucket, WebSocketToken
from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.views import WebSocketTokenView, WebSocketView
from tests.app.clocks import Clock
from tests.app.echo import refusal
from tests.docs.pages import blocks, code, table
from tests.gateway import ALICE

PAGE = "docs/howto/limits.md"

pytestmark = pytest.mark.django_db(transaction=True)


class PublicView(WebSocketView):
    USE_WS_TOKEN = False

    @handler
    def say(self, request, *args, **kwargs):
        """Nothing."""


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    return Clock(monkeypatch)


def block(language, *, containing):
    """The one block that holds this."""
    (text,) = [
        block.text
        for block in blocks(PAGE)
        if block.language == language and containing in block.text
    ]
    return text


def view_of(name):
    """A view of the page, open to anybody."""
    names = {"WebSocketView": PublicView}
    exec(block("python", containing=f"class {name}"), names)
    return names[name]


def connects(gateway, number):
    return [gateway.connect(f"client-{n}=").status_code for n in range(number)]


def test_the_defaults(settings):
    settings.WEBSOCKETS = {}
    rows = table(PAGE, "setting")

    assert len(rows) == 4
    for name, default, _ in rows:
        assert getattr(conf, name) == int(default)


@pytest.mark.parametrize("containing", ["rate_limit_max_attempts", "trusted_proxy"])
def test_the_settings_of_the_site(settings, containing):
    settings.WEBSOCKETS = {}
    exec(block("python", containing=containing), {"WEBSOCKETS": settings.WEBSOCKETS})

    assert settings.WEBSOCKETS
    for name, value in settings.WEBSOCKETS.items():
        assert getattr(conf, name) == value


def test_the_classroom_gets_in_at_once(serve):
    gateway = serve(view_of("ClassroomView"))

    assert connects(gateway, 41) == [200] * 40 + [400]


def test_views_with_different_limits_count_apart(serve):
    assert connects(serve(PublicView), 21)[-1] == 400

    assert serve(view_of("ClassroomView")).connect("late=").status_code == 200


def test_the_machine_room_has_no_limit(serve):
    gateway = serve(view_of("MachineRoomView"))

    assert connects(gateway, 25) == [200] * 25


def test_the_hops():
    _, header = block("text", containing="X-Forwarded-For").strip().split(": ")
    rows = table(PAGE, "`trusted_proxy_count`")

    assert len(rows) == 3
    for count, address in rows:
        assert forwarded_address(header, trusted_proxies=int(count)) == address


def test_the_answer_to_a_connect(serve, caplog):
    gateway = serve(PublicView)
    caplog.set_level(logging.WARNING)
    connects(gateway, 20)
    response = gateway.connect()

    assert refusal(response) == (400, "Too many connection attempts")
    assert response["Retry-After"] == "3"
    assert "Too many connection attempts" in code(PAGE)
    assert "reason=Too many connection attempts" in code(PAGE)
    assert "reason=Too many connection attempts" in caplog.text


def test_the_keys(serve, settings, client):
    pages_own = [each for each in code(PAGE) if each.startswith("20/60 ")]
    alice = get_user_model().objects.create_user("alice", pk=7)
    token = WebSocketToken.generate_token(alice, None).token
    gateway = serve(WebSocketView)
    gateway.connect(query=f"ws_token={token}")
    gateway.connect(X_Ws_Source_Ip="2001:db8:1:2::1")
    ask_for_a_token(settings, client, alice)

    keys = RateLimitBucket.objects.values_list("key", flat=True)
    assert sorted(keys) == sorted(pages_own)


def ask_for_a_token(settings, client, user):
    settings.ROOT_URLCONF = (path("token", WebSocketTokenView.as_view()),)
    client.force_login(user)
    return client.post("/token")


def test_the_answer_of_the_token_endpoint(settings, client):
    alice = get_user_model().objects.create_user("alice")
    for _ in range(21):
        response = ask_for_a_token(settings, client, alice)

    answer = (
        f"HTTP/1.1 {response.status_code} {response.reason_phrase}\n"
        f"Retry-After: {response['Retry-After']}\n\n{response.content.decode()}\n"
    )
    assert answer == block("text", containing="HTTP/1.1")


def test_the_frames(serve, settings, transport, clock):
    settings.WEBSOCKETS = {**settings.WEBSOCKETS, "message_rate_limit_per_minute": 1}
    gateway = serve(PublicView)
    gateway.connect()
    for _ in range(12):
        gateway.message({"handler": "say"})
        clock.advance(1)

    *errors, goodbye = transport.messages_to(ALICE)
    assert goodbye == json.loads(block("json", containing="goodbye"))
    assert errors == [json.loads(block("json", containing="error"))] * 10


def test_who_is_let_in_again(serve):
    gateway = serve(PublicView)
    assert connects(gateway, 21)[-1] == 400

    exec(block("python", containing="RateLimitBucket"), {})

    assert gateway.connect().status_code == 200
