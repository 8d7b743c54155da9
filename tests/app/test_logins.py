"""Whoever logs out is hung up on, wherever the login was."""

import pytest
from django.contrib.auth import login, logout
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends import file
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import path

from django_aws_api_gateway_websockets import login_receivers
from django_aws_api_gateway_websockets.cleanup import clean_up
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.logins import connect_with_token, logged_in, token_for, user_named
from tests.gateway import ALICE, BOB, Gateway, session

pytestmark = pytest.mark.django_db(transaction=True)

GOODBYE = {"type": "goodbye", "reason": "logout", "reconnect": False}
SESSION_ENGINES = ["db", "cached_db", "cache", "file", "signed_cookies"]


class SilentView(WebSocketView):
    RATE_LIMIT_ENABLED = False

    @handler
    def silent(self, request, *args, **kwargs):
        return None


def log_out(request):
    logout(request)
    return HttpResponse()


def cycle_key(request):
    request.session.cycle_key()
    return HttpResponse()


def log_in_again(request):
    login(request, request.user)
    return HttpResponse()


@pytest.fixture
def gateway(settings):
    settings.ROOT_URLCONF = (
        path("ws/<slug:route>", SilentView.as_view()),
        path("log-out", log_out),
        path("cycle-key", cycle_key),
        path("log-in-again", log_in_again),
    )
    return Gateway()


@pytest.fixture(params=SESSION_ENGINES)
def session_engine(request, settings, tmp_path, monkeypatch):
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
    monkeypatch.setattr(
        file.SessionStore, "_storage_path", str(tmp_path), raising=False
    )


def connect(gateway, browser, connection_id=ALICE):
    token = token_for(client=browser)
    assert connect_with_token(gateway, connection_id, token=token).status_code == 200


def say_nothing(gateway, connection_id=ALICE):
    return gateway.message({"handler": "silent"}, connection_id).status_code


@pytest.mark.usefixtures("session_engine")
class TestLoggingOut:
    def test_hangs_up_with_a_goodbye(self, gateway, transport):
        browser = logged_in()
        connect(gateway, browser)

        browser.post("/log-out", secure=True)

        assert transport.messages_to(ALICE) == [GOODBYE]
        assert transport.hung_up == [ALICE]
        alice = session()
        assert (alice.connected, alice.closed_reason) == (False, "logout")
        assert say_nothing(gateway) == 400

    def test_leaves_another_login_of_the_same_user(self, gateway, transport):
        here, there = logged_in(), logged_in()
        connect(gateway, here)
        connect(gateway, there, BOB)

        there.post("/log-out", secure=True)

        assert transport.hung_up == [BOB]
        assert say_nothing(gateway) == 200

    @pytest.mark.parametrize("change", ["/cycle-key", "/log-in-again"])
    def test_hangs_up_on_what_was_opened_under_other_keys(
        self, gateway, transport, change
    ):
        browser = logged_in()
        connect(gateway, browser)
        browser.post(change, secure=True)
        connect(gateway, browser, BOB)

        browser.post("/log-out", secure=True)

        assert sorted(transport.hung_up) == sorted([ALICE, BOB])

    def test_ends_the_tokens_that_were_not_used(self, gateway):
        browser = logged_in()
        token = token_for(client=browser)

        browser.post("/log-out", secure=True)

        response = connect_with_token(gateway, token=token)
        assert (response.status_code, response.content) == (
            400,
            b"Invalid or expired token",
        )


def test_the_test_clients_log_out_is_one(gateway, transport):
    browser = logged_in()
    connect(gateway, browser)

    browser.logout()

    assert transport.hung_up == [ALICE]


def test_logging_out_without_a_login_does_nothing(gateway, transport):
    connect(gateway, logged_in())

    assert gateway.client.post("/log-out", secure=True).status_code == 200

    assert session().connected


def test_nothing_is_said_twice(gateway, transport):
    browser = logged_in()
    connect(gateway, browser)
    browser.logout()
    user = user_named()
    user.is_active = False
    user.save()

    assert [post.message for post in transport.posts] == [GOODBYE]
    assert transport.hung_up == [ALICE]


@pytest.mark.usefixtures("session_engine")
def test_another_key_of_the_site_ends_no_login(gateway, transport, settings):
    browser = logged_in()
    connect(gateway, browser)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of the site"

    user_named().save()

    assert clean_up()["ended_logins_closed"] == 0
    assert say_nothing(gateway) == 200
    browser.post("/log-out", secure=True)
    assert transport.hung_up == [ALICE]


class TestATransportThatFails:
    @pytest.mark.usefixtures("broken_transport")
    def test_breaks_no_logging_out(self, gateway, caplog):
        browser = logged_in()
        connect(gateway, browser)

        assert browser.post("/log-out", secure=True).status_code == 200

        assert not session().connected
        assert "There is no key" in caplog.text

    def test_is_logged_with_the_connection(self, gateway, transport, caplog):
        browser = logged_in()
        connect(gateway, browser)
        transport.answer(ALICE, Outcome.THROTTLED)

        assert browser.post("/log-out", secure=True).status_code == 200

        assert not session().connected
        assert f"Connection {ALICE} is closed (logout) and could not" in caplog.text


def test_logging_in_costs_no_statement_more(settings):
    user = user_named()

    def statements():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            logged_in(user)
        return len(captured)

    with_key = statements()
    user_logged_in.disconnect(login_receivers.keep_login_key)
    try:
        assert with_key == statements()
    finally:
        user_logged_in.connect(login_receivers.keep_login_key)
