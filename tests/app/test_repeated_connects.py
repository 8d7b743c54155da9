"""A connect that comes a second time, with a token."""

import pytest

from django_aws_api_gateway_websockets.models import WebSocketSession, WebSocketToken
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.echo import refusal
from tests.app.logins import connect_with_token, token_for, user_named
from tests.gateway import ALICE, BOB, rows, session

pytestmark = pytest.mark.django_db(transaction=True)

INVALID_TOKEN = (400, "Invalid or expired token")
INVALID_CONNECTION_ID = (400, "Invalid connection ID")


@pytest.fixture
def gateway(serve):
    return serve(WebSocketView)


def test_with_its_own_token_it_is_answered_alike_and_changes_nothing(gateway):
    token = token_for()
    first = connect_with_token(gateway, token=token)
    before = rows()

    second = connect_with_token(gateway, token=token, channel="other")

    assert (second.status_code, second.content) == (200, first.content)
    assert rows() == before


def test_with_another_token_it_is_refused_and_that_token_is_still_good(gateway):
    connect_with_token(gateway)
    before = rows()
    token = token_for()

    response = connect_with_token(gateway, token=token)

    assert refusal(response) == INVALID_CONNECTION_ID
    assert rows() == before
    assert connect_with_token(gateway, BOB, token=token).status_code == 200


def test_with_another_users_token_it_is_refused(gateway):
    connect_with_token(gateway)

    response = connect_with_token(gateway, user=user_named("bob"))

    assert refusal(response) == INVALID_CONNECTION_ID
    assert session().user == user_named("alice")


def test_a_used_token_opens_no_other_connection(gateway):
    token = token_for()
    connect_with_token(gateway, ALICE, token=token)

    response = connect_with_token(gateway, BOB, token=token)

    assert refusal(response) == INVALID_TOKEN
    assert WebSocketSession.objects.count() == 1


def test_a_used_token_takes_no_attempt_of_its_user(gateway):
    token = token_for()
    connect_with_token(gateway, ALICE, token=token)
    for n in range(20):
        address = f"198.51.100.{n}"
        connect_with_token(gateway, f"{n}=", token=token, X_Ws_Source_Ip=address)

    assert connect_with_token(gateway, BOB).status_code == 200


def test_a_token_that_was_used_by_the_application_opens_none(gateway):
    token = token_for()
    WebSocketToken.validate_and_consume(token, None)

    assert refusal(connect_with_token(gateway, token=token)) == INVALID_TOKEN


def test_after_the_disconnect_it_opens_nothing(gateway):
    token = token_for()
    connect_with_token(gateway, token=token)
    gateway.disconnect()
    before = rows()

    response = connect_with_token(gateway, token=token)

    assert refusal(response) == INVALID_CONNECTION_ID
    assert rows() == before


def test_behind_its_disconnect_it_is_refused_and_the_token_is_still_good(gateway):
    gateway.disconnect()
    token = token_for()

    response = connect_with_token(gateway, token=token)

    assert refusal(response) == INVALID_CONNECTION_ID
    assert not session().connected
    assert connect_with_token(gateway, BOB, token=token).status_code == 200
