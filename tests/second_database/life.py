"""What a client lives through."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.db import connections, transaction
from django.utils import timezone

from django_aws_api_gateway_websockets.cleanup import clean_up
from django_aws_api_gateway_websockets.models import (
    DEFERRED,
    ApiGateway,
    Broadcast,
    ChannelPermission,
    ConnectionRateLimit,
    RateLimit,
    RateLimitBucket,
    WebSocketSession,
    WebSocketToken,
)
from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.lobby import HELLO, everybody
from tests.app.logins import connect_with_token, logged_in, token_for, user_named
from tests.gateway import ALICE, BOB, session
from tests.large_broadcasts import got_it, make_sessions, send
from tests.second_database.router import APP

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


def test_a_large_broadcast_reaches_everybody(queues, transport):
    connection_ids = make_sessions(25)

    assert send().queued == 25
    assert queues.poll() == []

    assert got_it(transport, connection_ids) == connection_ids
    assert Broadcast.objects.get().progress.sent == 25


def test_commands_find_their_rows(gateway, transport, capsys):
    connect_with_token(gateway)
    a_day_ago = timezone.now() - timedelta(days=1)
    WebSocketToken.objects.update(created_at=a_day_ago)
    WebSocketSession.objects.update(created_on=a_day_ago)

    call_command("send_message", "--channel=lobby", json.dumps(HELLO))
    call_command("cleanup_websockets")

    assert transport.messages_to(ALICE) == [HELLO]
    assert session().closed_reason == "age"
    assert not WebSocketToken.objects.exists()


def test_a_rule_asks_for_permissions_of_the_user(gateway):
    alice, permission = user_named(), Permission.objects.get(codename="add_user")
    lobby = ChannelPermission.objects.create(channel_name="lobby", access="permissions")
    lobby.rules.create().permissions.add(permission)

    assert connect_with_token(gateway).status_code == 403
    alice.user_permissions.add(permission)
    assert connect_with_token(gateway).status_code == 200
    assert lobby.rules.get().is_satisfied_by(User.objects.get())


@pytest.mark.skipif(
    settings.USERS_DATABASE == "sockets",
    reason="There the rule loses a permission that is deleted",
)
def test_a_rule_with_a_deleted_permission_is_satisfied_by_nobody(gateway):
    alice, permission = user_named(), Permission.objects.get(codename="add_user")
    lobby = ChannelPermission.objects.create(channel_name="lobby", access="permissions")
    permissions = lobby.rules.create().permissions
    permissions.add(
        permission,
        Permission.objects.create(codename="x", content_type=permission.content_type),
    )
    alice.user_permissions.add(permission)
    Permission.objects.filter(codename="x")._raw_delete("default")

    assert connect_with_token(gateway).status_code == 403


@pytest.mark.parametrize(
    "model", [each for each in admin.site._registry if each._meta.app_label == APP]
)
def test_the_admin_shows_it(client, model):
    client.force_login(User.objects.create_superuser("root"))
    client.defaults["SERVER_NAME"] = "site.example"
    alice, gateway = user_named(), ApiGateway.objects.get()
    WebSocketSession.objects.create(
        connection_id=ALICE, channel_name="lobby", user_id=alice.pk, api_gateway=gateway
    )
    WebSocketToken.generate_token(alice, "key")
    ConnectionRateLimit.record_attempt("192.0.2.1", alice)
    RateLimitBucket.objects.take_slot("address", RateLimit(limit=1, window=60))
    ChannelPermission.objects.create(channel_name="lobby").rules.create()
    Broadcast.objects.create(data="{}").shards.create(
        number=1, sessions="[]", waiting=0
    )

    if (model, settings.USERS_DATABASE) == (ChannelPermission, "default"):
        pytest.skip("no form of Django's has a relation to many in another database")
    table = f"/admin/{APP}/{model._meta.model_name}/"
    for address in (table, f"{table}{quote(model.objects.get().pk)}/change/"):
        assert client.get(address, secure=True).status_code == 200
