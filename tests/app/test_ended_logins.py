"""What ended behind Django's back is found by the clean-up, or by the next message."""

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_aws_api_gateway_websockets.cleanup import clean_up
from django_aws_api_gateway_websockets.models import ApiGateway, WebSocketSession
from django_aws_api_gateway_websockets.models.sessions import auth_hash_of
from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.logins import connect_with_token, logged_in, token_for, user_named
from tests.gateway import ALICE, BOB, session

pytestmark = pytest.mark.django_db(transaction=True)


class SilentView(WebSocketView):
    RATE_LIMIT_ENABLED = False

    @handler
    def silent(self, request, *args, **kwargs):
        return None


@pytest.fixture
def gateway(serve):
    return serve(SilentView)


@pytest.fixture
def connected(gateway):
    """Alice and bob are connected under logins of their own."""
    browsers = [logged_in(user_named(name)) for name in ("alice", "bob")]
    for browser, name, id_ in zip(
        browsers, ("alice", "bob"), (ALICE, BOB), strict=True
    ):
        token = token_for(user_named(name), browser)
        assert connect_with_token(gateway, id_, token=token).status_code == 200
    return browsers


def deactivate(name):
    User.objects.filter(username=name).update(is_active=False)


def change_password(name):
    User.objects.filter(username=name).update(password=make_password("another"))


def delete_by_hand(name):
    """As somebody may who knows the database and not its constraints."""
    pk = User.objects.get(username=name).pk
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE auth_user DISABLE TRIGGER ALL")
        cursor.execute("DELETE FROM auth_user WHERE id = %s", [pk])
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE auth_user ENABLE TRIGGER ALL")


@pytest.fixture
def without_dangling_rows():
    """The rows of a user who is not there would fail the tests that come after."""
    yield
    WebSocketSession.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_aws_api_gateway_websockets_websockettoken")


@pytest.mark.usefixtures("connected", "without_dangling_rows")
@pytest.mark.parametrize(
    ("end", "reason", "reconnect"),
    [
        (deactivate, "deactivated", False),
        (change_password, "password", True),
        (delete_by_hand, "deactivated", False),
    ],
)
class TestALoginThatHasEnded:
    def test_is_found_by_the_clean_up(self, transport, end, reason, reconnect):
        end("alice")

        assert clean_up()["ended_logins_closed"] == 1

        assert transport.messages_to(ALICE) == [
            {"type": "goodbye", "reason": reason, "reconnect": reconnect}
        ]
        assert transport.hung_up == [ALICE]
        assert session().closed_reason == reason
        assert session(BOB).connected
        assert clean_up()["ended_logins_closed"] == 0

    def test_is_found_by_a_message(self, gateway, transport, end, reason, reconnect):
        end("alice")

        response = gateway.message({"handler": "silent"})

        assert (response.status_code, response.content) == (
            400,
            b"Invalid connection ID",
        )
        assert transport.messages_to(ALICE) == [
            {"type": "goodbye", "reason": reason, "reconnect": reconnect}
        ]
        assert transport.hung_up == [ALICE]
        assert session().closed_reason == reason


@pytest.mark.parametrize("engine", ["db", "cached_db"])
def test_a_deleted_django_session_is_found(request, transport, settings, engine):
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    alice, _ = request.getfixturevalue("connected")
    Session.objects.filter(session_key=alice.session.session_key).delete()

    assert clean_up()["ended_logins_closed"] == 1

    # Who is still logged in somewhere gets a token, and the others are told no.
    assert transport.messages_to(ALICE) == [
        {"type": "goodbye", "reason": "logout", "reconnect": True}
    ]
    assert transport.hung_up == [ALICE]
    assert session().closed_reason == "logout"
    assert session(BOB).connected


@pytest.mark.parametrize("engine", ["cache", "file", "signed_cookies"])
def test_a_session_without_a_table_is_left_alone(request, settings, tmp_path, engine):
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    settings.SESSION_FILE_PATH = str(tmp_path)
    request.getfixturevalue("connected")

    assert clean_up()["ended_logins_closed"] == 0

    assert session().connected


def test_a_login_of_no_django_session_is_left_alone(gateway):
    connect_with_token(gateway, token=token_for())

    assert clean_up()["ended_logins_closed"] == 0


def test_a_login_that_holds_under_a_key_of_before_is_left_alone(
    gateway, settings, connected
):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of the site"

    assert clean_up()["ended_logins_closed"] == 0


def test_many_are_closed_in_few_statements(transport, make_session):
    user = user_named()
    gone_by_hand = {"session_key_hash": "of a session that is not there"}
    make_many(900, "deactivated", user=user_named("bob"))
    make_many(800, "password", user=user, auth_hash="of another password")
    make_many(800, "logout", user=user, **gone_by_hand)
    make_many(500, "holds", user=user, auth_hash=auth_hash_of(user))
    deactivate("bob")

    with CaptureQueriesContext(connection) as statements:
        assert clean_up()["ended_logins_closed"] == 2_500

    assert len(statements) < 50
    assert len(transport.hung_up) == 2_500
    assert WebSocketSession.objects.filter(connected=True).count() == 500
    for reason, number in (("deactivated", 900), ("password", 800), ("logout", 800)):
        closed = WebSocketSession.objects.filter(closed_reason=reason)
        assert closed.filter(connection_id__startswith=reason).count() == number


def make_many(number, name, **fields):
    gateway = ApiGateway.objects.get()
    WebSocketSession.objects.bulk_create(
        WebSocketSession(
            connection_id=f"{name}-{n}",
            channel_name="lobby",
            api_gateway=gateway,
            **fields,
        )
        for n in range(number)
    )
