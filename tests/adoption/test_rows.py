"""What becomes of the rows of the earlier package, and of the sockets that are open."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.utils import timezone

from django_aws_api_gateway_websockets.cleanup import clean_up
from django_aws_api_gateway_websockets.models import (
    ApiGateway,
    ChannelPermission,
    ConnectionRateLimit,
    WebSocketSession,
    WebSocketToken,
)
from django_aws_api_gateway_websockets.models.known_gateways import known_gateways
from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.adoption.databases import RouteTo
from tests.adoption.peers import peer
from tests.adoption.schemas import APP
from tests.gateway import session

TOKENS = f"{APP}_websockettoken"
HELLO = {"type": "hello"}


class RoomView(WebSocketView):
    @handler
    def say(self, request, *args, **kwargs):
        return {"name": request.user.username}


@pytest.fixture(scope="module")
def moved(make_database):
    """The database after `migrate`, and what was in it before."""
    alias = make_database()
    _, told, before = peer(alias, "migrate", "fill", "dump")
    call_command("migrate", database=alias, verbosity=0, skip_checks=False)
    return {"alias": alias, "before": before, "after": dump(alias), **told}


def dump(alias):
    models = apps.get_app_config(APP).get_models(include_auto_created=True)
    return {
        model._meta.db_table: [
            {name: str(value) for name, value in row.items()}
            for row in model._base_manager.using(alias).order_by("pk").values()
        ]
        for model in models
    }


@pytest.fixture
def site(moved, serve, settings, transport):
    """A gateway whose events reach a site with this database; sessions stay as they are."""
    settings.DATABASE_ROUTERS = [RouteTo(moved["alias"])]
    known_gateways.forget()
    kept = list(WebSocketSession.objects.values())
    yield serve(RoomView)
    WebSocketSession.objects.all().delete()
    for row in kept:
        WebSocketSession.objects.create(**row)
        WebSocketSession.objects.filter(pk=row["id"]).update(**row)  # the dates, too
    known_gateways.forget()


def test_every_row_is_kept(moved):
    changed = {("draft", "default_channel_name"): "default"}  # it was empty
    for table, before in moved["before"].items():
        if table == TOKENS:
            continue
        after = moved["after"][table]
        assert [row["id"] for row in after] == [row["id"] for row in before]
        for was, now in zip(before, after, strict=True):
            name = was.get("api_name")
            expected = {
                column: changed.get((name, column), value)
                for column, value in was.items()
            }
            assert {column: now[column] for column in was} == expected
    assert len(moved["before"]) == 8
    assert all(moved["before"].values()), "a table had no rows"


def test_its_tokens_are_not_kept(moved, site):
    assert moved["token"] in str(moved["before"][TOKENS])
    assert moved["after"][TOKENS] == []

    answer = site.connect("new=", query=f"channel=lobby&ws_token={moved['token']}")

    assert answer.content == b"Invalid or expired token"


def test_a_token_that_it_has_made_since_is_not_accepted(moved, site):
    value = "0123456789abcdef" * 4
    row = {"user": User.objects.get(username="alice"), "session_key": ""}
    WebSocketToken.objects.create(token=value, **row)

    answer = site.connect("new=", query=f"channel=lobby&ws_token={value}")

    assert answer.content == b"Invalid or expired token"
    WebSocketToken.objects.update(created_at=timezone.now() - timedelta(minutes=10))
    assert clean_up()["tokens_deleted"] == 1


def test_gateways_and_routes_can_be_used(site):
    ours = ApiGateway.objects.get(api_id="api123")

    routes = ours.additional_routes.all()
    assert "chat" in [route.route_key for route in routes]
    assert ours.sessions.filter(connected=True).count() == 4
    for row in (ours, ApiGateway.objects.get(api_name="draft"), *routes):
        row.full_clean()
        row.save()


def test_rules_of_channels_hold(site):
    bob = User.objects.get(username="bob")
    allows = ChannelPermission.for_channel("secret").allows

    assert not allows(bob)
    bob.user_permissions.set(Permission.objects.filter(codename="delete_user"))
    assert allows(User.objects.get(username="bob"))
    assert not ChannelPermission.for_channel("staff_only").allows(bob)
    assert ChannelPermission.for_channel("allow_all").allows(bob)


def test_attempts_are_there_and_are_deleted_when_they_are_old(site):
    attempts = ConnectionRateLimit.objects.all()
    assert attempts.filter(successful=True, user__isnull=False).exists()

    attempts.update(attempt_time=timezone.now() - timedelta(days=8))

    assert clean_up()["attempts_deleted"] > 0
    assert not attempts.exists()


def test_a_socket_without_a_user_goes_on(site, transport):
    assert site.message({"handler": "say"}, "anybody=").status_code == 200
    assert session("anybody=").connected

    assert site.disconnect("anybody=").status_code == 200
    assert session("anybody=").closed_reason == "disconnect"


def test_messages_reach_all_that_are_open(site, transport):
    lobby = WebSocketSession.objects.filter(channel_name="lobby")

    lobby.send_message(HELLO)

    assert transport.messages_to("alice=") == [HELLO]
    assert transport.messages_to("anybody=") == [HELLO]
    assert transport.messages_to("left=") == []
    assert transport.messages_to("bob=") == []  # who has logged out


def test_a_users_socket_comes_back_when_it_writes(site, transport):
    answer = site.message({"handler": "say"}, "alice=")

    assert answer.status_code == 400
    assert answer.content == b"Invalid connection ID"
    assert session("alice=").closed_reason == "password"
    assert transport.hung_up == ["alice="]
    assert transport.messages_to("alice=")[-1]["reconnect"] is True


def test_the_clean_up_lets_users_come_back_and_closes_what_was_forgotten(
    site, transport
):
    counts = clean_up()

    assert counts["sessions_closed"] == 1
    assert session("forgotten=").closed_reason == "age"
    assert counts["ended_logins_closed"] == 2
    assert {*transport.hung_up} == {"alice=", "silent="}
    assert transport.messages_to("silent=")[-1]["reconnect"] is True
    assert session("anybody=").connected


def test_a_closed_socket_stays_closed(site):
    for name in ("left=", "bob="):
        assert site.message({"handler": "say"}, name).status_code == 400
        assert not session(name).connected


def test_closed_sessions_are_deleted_after_a_week(site):
    long_ago = timezone.now() - timedelta(days=8)
    closed = WebSocketSession.objects.filter(connected=False)
    closed.update(created_on=long_ago, updated_on=long_ago)

    assert clean_up()["sessions_deleted"] == 2
