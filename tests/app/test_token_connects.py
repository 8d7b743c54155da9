"""A token in the address of the handshake tells who connects."""

import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_aws_api_gateway_websockets.models import WebSocketSession, WebSocketToken
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.echo import PublicView, refusal
from tests.app.logins import (
    connect_with_token,
    cookie_of,
    logged_in,
    token_for,
    user_named,
)
from tests.gateway import BOB, session

pytestmark = pytest.mark.django_db(transaction=True)

INVALID_TOKEN = (400, "Invalid or expired token")
APP = "django_aws_api_gateway_websockets"
STATEMENT = re.compile(r"(\w+) [^\"`]*[\"`](\w+)")  # MariaDB quotes names with a `
STATEMENTS = [
    "UPDATE ratelimitbucket",  # of the address
    "SELECT websockettoken",  # and its user
    "UPDATE ratelimitbucket",  # of the user
    "UPDATE websockettoken",
    "SELECT channelpermission",
    "INSERT websocketsession",
]


@pytest.fixture
def gateway(serve):
    return serve(WebSocketView)


@pytest.fixture
def require_session_cookie(settings):
    settings.WEBSOCKETS = {**settings.WEBSOCKETS, "require_session_cookie": True}


def statements(captured):
    """What each does, and to which table of ours, or of Django's."""
    return [
        " ".join(STATEMENT.match(query["sql"]).groups()).replace(f"{APP}_", "")
        for query in captured
    ]


class TestConnect:
    def test_makes_a_session_of_the_user_and_the_login(self, gateway):
        alice = user_named()
        token = token_for(alice, logged_in(alice))

        response = connect_with_token(gateway, token=token, channel="lobby")

        assert (response.status_code, response.json()) == (200, {})
        assert session().user == alice
        assert session().channel_name == "lobby"
        assert session().auth_hash == alice.get_session_auth_hash()
        row = WebSocketToken.objects.get()
        assert session().session_key_hash == row.session_key != ""
        assert row.used
        assert row.connection_id == session().connection_id

    def test_takes_six_statements(self, gateway):
        connect_with_token(gateway, BOB)  # then gateway, address and user are known
        token = token_for()

        with CaptureQueriesContext(connection) as captured:
            connect_with_token(gateway, token=token)

        assert statements(captured) == STATEMENTS

    def test_takes_one_more_with_the_cookie_of_a_session(self, gateway):
        alice = logged_in()
        connect_with_token(gateway, BOB)
        token = token_for(client=alice)

        with CaptureQueriesContext(connection) as captured:
            connect_with_token(gateway, token=token, Cookie=cookie_of(alice))

        assert statements(captured) == [
            *STATEMENTS[:2],
            "SELECT django_session",
            *STATEMENTS[2:],
        ]

    def test_needs_no_cookie_and_no_origin(self, gateway):
        response = connect_with_token(gateway, Cookie=None, Origin=None)

        assert response.status_code == 200

    def test_is_the_user_of_the_token_whatever_else_there_is(self, serve):
        seen = []

        class CuriousView(WebSocketView):
            def connect(self, request, *args, **kwargs):
                response = super().connect(request, *args, **kwargs)
                seen.append(request.user)
                return response

        connect_with_token(serve(CuriousView))

        assert seen == [user_named()]


class TestRefused:
    @pytest.mark.parametrize(
        "query",
        ["", "ws_token", "ws_token=", "ws_token=%00", "ws_token=" + "0" * 64,
         "ws_token=" + "%00" * 64, "ws_token=" + "f" * 10_240, "ws_token=%C3%A9"],
    )  # fmt: skip
    def test_what_is_no_token(self, gateway, query):
        response = gateway.connect(query=f"channel=lobby&{query}")

        assert refusal(response) == INVALID_TOKEN
        assert not WebSocketSession.objects.exists()

    def test_a_token_in_upper_case(self, gateway):
        response = connect_with_token(gateway, token=token_for().upper())

        assert refusal(response) == INVALID_TOKEN

    def test_two_tokens(self, gateway):
        one, two = token_for(), token_for()

        response = gateway.connect(query=f"ws_token={one}&ws_token={two}")

        assert refusal(response) == INVALID_TOKEN
        assert not WebSocketToken.objects.filter(used=True).exists()

    @pytest.mark.parametrize("how", ["is_active", "password"])
    @pytest.mark.parametrize("quietly", [True, False])
    def test_a_user_who_was_deactivated_or_has_another_password(
        self, gateway, how, quietly
    ):
        alice, token = user_named(), token_for()
        change = {"is_active": False} if how == "is_active" else {"password": "!"}
        if quietly:
            User.objects.update(**change)
        else:
            vars(alice).update(change)
            alice.save()

        assert refusal(connect_with_token(gateway, token=token)) == INVALID_TOKEN

    def test_a_token_whose_key_was_forgotten(self, gateway, settings):
        token = token_for()
        settings.SECRET_KEY = "another key"

        assert refusal(connect_with_token(gateway, token=token)) == INVALID_TOKEN

    def test_a_cookie_of_no_session(self, gateway):
        token = token_for(client=logged_in())

        response = connect_with_token(gateway, token=token, Cookie="sessionid=unknown")

        assert refusal(response) == (400, "Invalid session")
        assert not WebSocketToken.objects.get().used


def test_a_key_that_was_rotated_ends_nothing(gateway, settings):
    alice = logged_in()
    token = token_for(client=alice)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key"

    response = connect_with_token(gateway, token=token, Cookie=cookie_of(alice))

    assert response.status_code == 200
    assert session().user == user_named()


@pytest.mark.usefixtures("require_session_cookie")
class TestRequireSessionCookie:
    def test_a_token_alone_opens_nothing(self, gateway):
        token = token_for(client=logged_in())

        response = connect_with_token(gateway, token=token)

        assert refusal(response) == (400, "Invalid session")

    def test_a_token_that_was_made_for_no_session_opens_nothing(self, gateway):
        cookie = cookie_of(logged_in())

        response = connect_with_token(gateway, token=token_for(), Cookie=cookie)

        assert refusal(response) == (400, "Invalid session")

    def test_both_open_a_socket(self, gateway):
        alice = logged_in()
        token = token_for(client=alice)

        response = connect_with_token(gateway, token=token, Cookie=cookie_of(alice))

        assert response.status_code == 200

    def test_a_view_that_asks_for_no_token_asks_for_no_cookie(self, serve):
        assert serve(PublicView).connect().status_code == 200
