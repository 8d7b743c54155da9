"""What a client lives through; run by tests/app/test_second_database.py."""

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connections, transaction

from django_aws_api_gateway_websockets.cleanup import clean_up
from django_aws_api_gateway_websockets.models import (
    DEFERRED,
    RateLimitBucket,
    WebSocketSession,
)
from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.lobby import HELLO, everybody
from tests.app.logins import connect_with_token, logged_in, token_for, user_named
from tests.gateway import ALICE, BOB, session

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sockets"])


class LimitedView(WebSocketView):
    RATE_LIMIT_MAX_ATTEMPTS = 3

    @handler
    def whoami(self, request, *args, **kwargs):
        return {"name": request.user.username}


class OpenView(LimitedView):
    USE_WS_TOKEN = False


@pytest.fixture(autouse=True)
def databases():
    """As another process finds them: migrations have switched the constraints on."""
    connections.close_all()
    assert WebSocketSession.objects.db == "sockets"
    assert User.objects.db == settings.USERS_DATABASE


@pytest.fixture
def gateway(serve):
    return serve(LimitedView)


def say(gateway, connection_id=ALICE):
    return gateway.message({"handler": "whoami"}, connection_id).status_code


def test_a_client_connects_writes_and_leaves(gateway, transport):
    token = token_for()

    assert connect_with_token(gateway, token=token).status_code == 200
    assert connect_with_token(gateway, BOB, token=token).status_code == 400
    assert say(gateway) == 200
    assert everybody().send_message(HELLO).sent == 1
    assert gateway.disconnect().status_code == 200

    reply, hello = transport.messages_to(ALICE)
    assert reply["data"] == {"name": "alice"}
    assert hello == HELLO
    assert session().closed_reason == "disconnect"


def test_anybody_may_be_let_in(serve, transport):
    gateway = serve(OpenView)

    assert gateway.connect().status_code == 200
    assert say(gateway) == 200


def test_messages_wait_for_the_commit_there(gateway, transport):
    connect_with_token(gateway)

    with transaction.atomic(using="sockets"):
        assert session().send_message(HELLO) is DEFERRED
        assert transport.posts == []

    assert transport.messages_to(ALICE) == [HELLO]


def test_limits_hold(gateway):
    statuses = [connect_with_token(gateway, f"{n}=").status_code for n in range(4)]

    assert statuses == [200] * 3 + [400]
    assert RateLimitBucket.objects.using("sockets").exists()


def test_a_log_out_hangs_up(gateway, transport):
    browser = logged_in()
    connect_with_token(gateway, token=token_for(client=browser))

    browser.logout()

    assert transport.hung_up == [ALICE]


def test_a_deactivated_user_is_hung_up_on(gateway, transport):
    connect_with_token(gateway)
    user = user_named()
    user.is_active = False
    user.save()

    assert transport.hung_up == [ALICE]
    assert say(gateway) == 400


def test_the_clean_up_finds_those_that_have_ended(gateway, transport):
    for name, connection_id in (("alice", ALICE), ("bob", BOB)):
        user = user_named(name)
        token = token_for(user, logged_in(user))
        connect_with_token(gateway, connection_id, user=user, token=token)
    User.objects.filter(username="alice").update(is_active=False)

    assert clean_up()["ended_logins_closed"] == 1

    assert transport.hung_up == [ALICE]
    assert say(gateway, BOB) == 200


@pytest.mark.skipif(
    settings.USERS_DATABASE != "sockets",
    reason="Django deletes what refers to a user in the user's own database only",
)
def test_a_deleted_user_is_hung_up_on(gateway, transport):
    connect_with_token(gateway)

    user_named().delete()

    assert transport.hung_up == [ALICE]
    assert say(gateway) == 400


@pytest.mark.skipif(
    settings.USERS_DATABASE == "sockets",
    reason="There the database keeps a user whom tokens refer to",
)
def test_the_token_of_a_user_deleted_by_hand_opens_nothing(gateway):
    token = token_for()

    User.objects.all()._raw_delete(settings.USERS_DATABASE)

    assert connect_with_token(gateway, token=token).status_code == 400
