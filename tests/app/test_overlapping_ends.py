"""A login ends while a connect of it is under way: whichever is first, nothing is open."""

import time
from threading import Thread

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_out
from django.db import connection, connections, transaction
from django.http import HttpResponse

from django_aws_api_gateway_websockets.models import WebSocketSession
from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.logins import (
    connect_with_token,
    cookie_of,
    logged_in,
    token_for,
    user_named,
)
from tests.app.test_races import at_once
from tests.gateway import ALICE, Gateway, session

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 8


class SilentView(WebSocketView):
    RATE_LIMIT_ENABLED = False

    @handler
    def silent(self, request, *args, **kwargs):
        return None


class CookieView(SilentView):
    USE_WS_TOKEN = False

    def can_join_channel(self, request, channel_name):
        return request.user.is_authenticated


def log_out(browser, user):
    browser.logout()


def deactivate(browser, user):
    changed = User.objects.get(pk=user.pk)
    changed.is_active = False
    changed.save()


def change_password(browser, user):
    changed = User.objects.get(pk=user.pk)
    changed.set_password("another")
    changed.save()


REASONS = {log_out: "logout", deactivate: "deactivated", change_password: "password"}


def with_token(browser, user):
    """Connects with a token that this browser has got."""
    token = token_for(user, browser)
    return lambda gateway, connection_id=ALICE: connect_with_token(
        gateway, connection_id, token=token
    )


def with_cookie(browser, user):
    headers = {"Cookie": cookie_of(browser), "Origin": "https://site.example"}
    return lambda gateway, connection_id=ALICE: gateway.connect(
        connection_id, **headers
    )


every_end = pytest.mark.parametrize("end", REASONS)
every_login = pytest.mark.parametrize(
    ("view", "having"), [(SilentView, with_token), (CookieView, with_cookie)]
)


def say_nothing(gateway, connection_id=ALICE):
    return gateway.message({"handler": "silent"}, connection_id).status_code


@pytest.fixture(params=["db", "cache", "signed_cookies"])
def session_engine(request, settings):
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{request.param}"
    return request.param


def interrupted(view, end):
    """A view that is about to admit the client when the login ends."""

    class InterruptedView(view):
        def _additional_connection_checks(self, request, *args, **kwargs):
            end()
            return True, ""

    return InterruptedView


@every_end
@every_login
def test_a_login_that_ends_before_there_is_a_session_leaves_none_open(
    serve, session_engine, view, having, end
):
    if (session_engine, having, end) == ("signed_cookies", with_cookie, log_out):
        pytest.skip("no server knows of the end of a session that is in a cookie")
    user = user_named()
    browser = logged_in(user)
    connect = having(browser, user)
    gateway = serve(interrupted(view, lambda: end(browser, user)))

    response = connect(gateway)

    assert response.status_code == 400
    assert session().closed_reason == REASONS[end]
    assert not session().connected
    assert say_nothing(gateway) == 400


@every_login
def test_while_logging_out_nothing_is_opened(serve, view, having):
    """Django deletes its session after all who hear of it have heard."""
    user = user_named()
    browser = logged_in(user)
    connect, gateway, statuses = having(browser, user), serve(view), []

    def connect_meanwhile(**_signal):
        statuses.append(connect(gateway).status_code)

    user_logged_out.connect(connect_meanwhile)
    try:
        browser.logout()
    finally:
        user_logged_out.disconnect(connect_meanwhile)

    assert statuses[0] in {400, 403}
    assert not WebSocketSession.objects.filter(connected=True).exists()


@every_end
@every_login
def test_of_a_connect_and_an_end_at_once_nothing_stays_open(serve, view, having, end):
    serve(view)

    for number in range(ROUNDS):
        user = user_named(f"user-{number}")
        browser, connection_id = logged_in(user), f"{number}="
        connect = having(browser, user)

        def connect_now(gateway, connect=connect, connection_id=connection_id):
            return connect(gateway, connection_id)

        def end_a_little_later(_gateway, number=number, browser=browser, user=user):
            time.sleep(number / 1_000)  # a connect takes some milliseconds
            end(browser, user)
            return HttpResponse()

        at_once(connect_now, end_a_little_later)

        still_open = WebSocketSession.objects.filter(connected=True)
        assert not still_open.exists(), f"round {number}"
        assert say_nothing(Gateway(), connection_id) == 400


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer")
@every_end
@every_login
def test_a_connect_between_the_change_and_its_commit_ends_at_the_commit(
    serve, transport, view, having, end
):
    gateway = serve(view)
    user = user_named()
    browser = logged_in(user)
    connect = having(browser, user)
    statuses = []

    def connect_elsewhere():
        try:
            statuses.append(connect(Gateway()).status_code)
        finally:
            connections.close_all()

    with transaction.atomic():
        end(browser, user)
        elsewhere = Thread(target=connect_elsewhere)
        elsewhere.start()
        if connection.vendor == "mysql" and end is not log_out:
            # There a row that refers to the user waits for the commit of the user's.
            elsewhere.join(0.5)
            assert statuses == []
        else:
            elsewhere.join(20)
            assert statuses == [200]

    elsewhere.join(20)
    assert statuses == [400] or (statuses, transport.hung_up) == ([200], [ALICE])
    assert not session().connected
    assert say_nothing(gateway) == 400
