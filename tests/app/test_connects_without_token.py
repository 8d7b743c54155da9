"""Where a view asks for no token, the session's cookie tells who connects."""

import pytest
from django.contrib.auth.models import User

from tests.app.echo import PublicView, refusal
from tests.app.logins import (
    KNOWN_OTHERWISE,
    connect_with_token,
    cookie_of,
    logged_in,
    user_named,
)
from tests.gateway import session

pytestmark = pytest.mark.django_db(transaction=True)

ORIGIN = "https://site.example"


@pytest.fixture
def gateway(serve):
    return serve(PublicView)


def test_somebody_without_a_cookie_is_anybody(gateway):
    assert gateway.connect().status_code == 200
    assert session().user is None
    assert session().session_key_hash == ""


def test_whoever_is_logged_in_is_known_by_the_cookie(gateway):
    gateway.connect(Cookie=cookie_of(logged_in()), Origin=ORIGIN)

    assert session().user == user_named()
    assert session().session_key_hash != ""
    assert session().auth_hash == user_named().get_session_auth_hash()


def test_the_cookie_is_believed_from_pages_of_the_site_alone(gateway):
    cookie = cookie_of(logged_in())

    without, foreign, null = (
        gateway.connect(Cookie=cookie, Origin=origin)
        for origin in (None, "https://evil.example", "null")
    )

    for response in (without, foreign, null):
        assert refusal(response) == (400, "Host is not in Origin")


def test_a_user_who_is_known_otherwise_belongs_to_no_session(gateway, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, KNOWN_OTHERWISE]

    response = gateway.connect(Cookie="sessionid=unknown", Origin=ORIGIN)

    assert response.status_code == 200
    assert session().connected
    assert session().user == user_named()
    assert session().session_key_hash == ""


@pytest.mark.parametrize("cookie", ["sessionid=unknown", "sessionid=", "other=1"])
def test_a_cookie_of_no_login_is_anybodys(gateway, cookie):
    assert gateway.connect(Cookie=cookie).status_code == 200
    assert session().user is None


def test_a_user_who_was_deactivated_is_anybody(gateway):
    cookie = cookie_of(logged_in())
    User.objects.update(is_active=False)

    gateway.connect(Cookie=cookie, Origin=ORIGIN)

    assert session().user is None


def test_a_token_is_not_looked_at(gateway):
    assert connect_with_token(gateway).status_code == 200
    assert session().user is None


def test_logging_out_hangs_up(gateway, transport, settings):
    alice = logged_in()
    gateway.connect(Cookie=cookie_of(alice), Origin=ORIGIN)

    alice.logout()

    assert session().closed_reason == "logout"
    [goodbye] = transport.messages_to(session().connection_id)
    assert goodbye == {"type": "goodbye", "reason": "logout", "reconnect": False}
