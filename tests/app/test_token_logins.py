"""A token belongs to a login, wherever Django keeps its sessions."""

import time

import pytest
from django.contrib.auth.views import LogoutView
from django.contrib.sessions.backends import file
from django.urls import path

from django_aws_api_gateway_websockets.views import WebSocketTokenView
from tests.app.echo import PublicView, refusal
from tests.app.logins import (
    connect_with_token,
    cookie_of,
    logged_in,
    token_for,
    user_named,
)
from tests.gateway import Gateway, session

pytestmark = pytest.mark.django_db(transaction=True)


class TokenView(PublicView):
    USE_WS_TOKEN = True


@pytest.fixture(
    autouse=True, params=["db", "cached_db", "cache", "file", "signed_cookies"]
)
def backend(request, settings, tmp_path, monkeypatch):
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
    monkeypatch.setattr(
        file.SessionStore, "_storage_path", str(tmp_path), raising=False
    )
    settings.SESSION_SAVE_EVERY_REQUEST = True
    settings.ROOT_URLCONF = (
        path("ws/<slug:route>", TokenView.as_view()),
        path("token/", WebSocketTokenView.as_view()),
        path("logout/", LogoutView.as_view()),
    )
    return request.param


def ask(client):
    return client.post("/token/", secure=True).json()["token"]


def let_seconds_pass(monkeypatch, seconds):
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + seconds)


def test_it_opens_a_socket_beside_the_cookie_some_seconds_later(monkeypatch, backend):
    alice = logged_in()
    token, cookie = ask(alice), cookie_of(alice)
    let_seconds_pass(monkeypatch, 2)
    alice.post("/token/", secure=True)  # by which the cookie may become another one

    response = connect_with_token(Gateway(), token=token, Cookie=cookie_of(alice))

    assert response.status_code == 200
    assert session().user.username == "alice"
    assert (cookie_of(alice) != cookie) == (backend == "signed_cookies")


def test_it_opens_a_socket_after_the_session_has_got_another_key():
    alice = logged_in()
    token = token_for(client=alice)
    store = alice.session
    store.cycle_key()  # as a change of the password does
    store.save()
    alice.cookies["sessionid"] = store.session_key

    response = connect_with_token(Gateway(), token=token, Cookie=cookie_of(alice))

    assert response.status_code == 200


@pytest.mark.parametrize("whose", ["another user's", "another login's"])
def test_it_opens_nothing_beside_the_cookie_of_another_login(whose):
    token = ask(logged_in())
    other = logged_in(user_named("bob" if whose == "another user's" else "alice"))

    response = connect_with_token(Gateway(), token=token, Cookie=cookie_of(other))

    assert refusal(response) == (400, "Invalid session")


def test_it_opens_nothing_after_the_logout():
    alice = logged_in()
    token = ask(alice)

    alice.post("/logout/", secure=True)

    response = connect_with_token(Gateway(), token=token)
    assert refusal(response) == (400, "Invalid or expired token")


def test_another_login_of_the_same_user_is_not_logged_out():
    token = ask(logged_in())

    logged_in().post("/logout/", secure=True)

    assert connect_with_token(Gateway(), token=token).status_code == 200
