"""Whoever is logged in gets a token, and nobody else does."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.test import Client, RequestFactory
from django.urls import path

from django_aws_api_gateway_websockets.models import WebSocketToken
from django_aws_api_gateway_websockets.views import WebSocketTokenView
from tests.app.echo import refusal
from tests.app.logins import KNOWN_OTHERWISE, logged_in, user_named

pytestmark = pytest.mark.django_db(transaction=True)

CSRF = "django.middleware.csrf.CsrfViewMiddleware"


@pytest.fixture(autouse=True)
def token_url(settings):
    settings.ROOT_URLCONF = (path("token/", WebSocketTokenView.as_view()),)


def ask(client):
    return client.post("/token/", secure=True)


class TestToken:
    def test_is_64_hexadecimal_digits_for_a_while(self):
        response = ask(logged_in())

        assert response.status_code == 200
        assert response.json().keys() == {"token", "expires_in"}
        assert re.fullmatch(r"[0-9a-f]{64}", response.json()["token"])
        assert response.json()["expires_in"] == 60

    def test_expires_as_the_setting_says(self, settings):
        settings.WEBSOCKETS = {**settings.WEBSOCKETS, "token_expiry_seconds": 15}

        assert ask(logged_in()).json()["expires_in"] == 15

    def test_is_another_one_each_time(self):
        alice = logged_in()

        assert ask(alice).json()["token"] != ask(alice).json()["token"]

    def test_is_of_the_user_who_asks(self):
        ask(logged_in(user_named("bob")))

        assert WebSocketToken.objects.get().user.username == "bob"

    def test_is_never_cached(self):
        response = ask(logged_in())

        assert "no-store" in response["Cache-Control"]

    def test_takes_four_statements(self, django_assert_num_queries):
        alice = logged_in()
        ask(alice)  # then there is a row of the limit

        # The session and the user, which are Django's, the limit, and the token.
        with django_assert_num_queries(4):
            ask(alice)

    def test_is_given_where_logins_have_no_session(self):
        request = RequestFactory().post("/token/")
        request.user = user_named()
        request._dont_enforce_csrf_checks = True

        response = WebSocketTokenView.as_view()(request)

        assert response.status_code == 200
        assert WebSocketToken.objects.get().session_key == ""

    def test_belongs_to_no_session_where_the_session_holds_no_login(self, settings):
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, KNOWN_OTHERWISE]
        user_named()

        response = ask(Client())

        assert response.status_code == 200
        assert response.cookies == {}
        assert WebSocketToken.objects.get().session_key == ""


class TestRefused:
    def test_without_a_login(self):
        response = ask(Client())

        assert refusal(response) == (403, "Authentication required")
        assert not WebSocketToken.objects.exists()

    def test_where_the_project_has_no_logins(self, settings):
        settings.MIDDLEWARE = ()

        assert refusal(ask(Client())) == (403, "Authentication required")

    def test_when_the_user_is_not_active_any_more(self, settings):
        # This backend lets users stay logged in, and leaves it to views to ask.
        settings.AUTHENTICATION_BACKENDS = (
            "django.contrib.auth.backends.AllowAllUsersModelBackend",
        )
        alice = logged_in()
        User.objects.update(is_active=False)

        assert refusal(ask(alice)) == (403, "Authentication required")

    def test_anonymous_users(self):
        request = RequestFactory().post("/token/")
        request.user = AnonymousUser()
        request._dont_enforce_csrf_checks = True

        response = WebSocketTokenView.as_view()(request)

        assert refusal(response) == (403, "Authentication required")

    @pytest.mark.parametrize("method", ["get", "head", "put", "delete", "options"])
    def test_with_another_method_than_post(self, method):
        response = getattr(logged_in(), method)("/token/")

        assert response.status_code == 405
        assert response["Allow"] == "POST"

    def test_after_too_many_and_told_when_to_come_back(self, settings, clock):
        settings.WEBSOCKETS = {**settings.WEBSOCKETS, "token_rate_limit_per_minute": 3}
        alice = logged_in()
        statuses = [ask(alice).status_code for _ in range(3)]

        response = ask(alice)

        assert statuses == [200] * 3
        assert refusal(response) == (403, "Rate limit exceeded")
        assert response["Retry-After"] == "20"
        assert "no-store" in response["Cache-Control"]
        assert ask(logged_in(user_named("bob"))).status_code == 200

    def test_is_one_line_in_the_log_with_the_reason(self, settings, caplog):
        settings.WEBSOCKETS = {**settings.WEBSOCKETS, "token_rate_limit_per_minute": 1}
        alice = logged_in()
        ask(Client()), ask(alice), ask(alice)

        stranger, too_often = (record.args for record in caplog.records)
        assert (stranger["route"], stranger["user"]) == ("token", "")
        assert (stranger["outcome"], stranger["status"]) == ("refused", 403)
        assert stranger["reason"] == "Authentication required: nobody is logged in"
        user = str(user_named().pk)
        assert (too_often["user"], too_often["statements"] > 0) == (user, True)
        assert too_often["reason"] == f"Rate limit exceeded: user {user}"


class TestCsrf:
    @pytest.fixture
    def browser(self):
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(user_named())
        return browser

    @pytest.fixture(params=["with the middleware", "without"])
    def middleware(self, request, settings):
        if request.param == "without":
            kept = [name for name in settings.MIDDLEWARE if name != CSRF]
            settings.MIDDLEWARE = kept

    def test_a_form_of_another_site_gets_no_token(self, middleware, browser):
        response = ask(browser)

        assert response.status_code == 403
        assert b"CSRF" in response.content
        assert not WebSocketToken.objects.exists()

    def test_a_page_of_this_site_gets_one(self, middleware, browser):
        value = "x" * 32
        browser.cookies["csrftoken"] = value

        response = browser.post(
            "/token/",
            secure=True,
            headers={
                "Host": "site.example",
                "Origin": "https://site.example",
                "X-CSRFToken": value,
            },
        )

        assert response.status_code == 200
