"""The migrations make what the models say, and can be taken for nobody else's."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError
from django.db.migrations.loader import MigrationLoader

from django_aws_api_gateway_websockets.models import (
    ApiGateway,
    ApiGatewayAdditionalRoute,
    ChannelPermission,
    RateLimitBucket,
    WebSocketSession,
)

APP = "django_aws_api_gateway_websockets"


@pytest.mark.django_db
def test_no_model_has_changed_since():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("backwards", [False, True])
def test_their_sql_is_shown_also_where_they_are_made(backwards):
    shown = [
        call_command("sqlmigrate", APP, number, backwards=backwards, stdout=StringIO())
        for number in ("0018", "0019")
    ]

    assert "closed_on" in shown[0]
    assert "ws_channel_open" in shown[0]
    assert "broadcastshard" in shown[1]


@pytest.mark.django_db(transaction=True)
def test_they_can_be_taken_back_and_made_again():
    call_command("migrate", APP, "0001", verbosity=0)
    call_command("migrate", APP, "zero", verbosity=0)
    call_command("migrate", APP, verbosity=0)

    assert ApiGateway.objects.get().api_id == "api123"


def test_none_is_named_like_one_of_the_earlier_package():
    migrations = MigrationLoader(None).disk_migrations
    ours = {name for app, name in migrations if app == APP}
    (squashed,) = [
        each for each in migrations.values() if each.app_label == APP and each.replaces
    ]

    assert len(squashed.replaces) == 15
    assert not ours & {name for _, name in squashed.replaces}
    assert sorted(ours)[1:] > ["0016"]


@pytest.mark.django_db
@pytest.mark.parametrize("other", ["LOBBY", "löbby"])
def test_names_are_compared_letter_by_letter(other):
    made = []
    for name in ("lobby", other):
        gateway = ApiGateway.objects.create(api_name=f"{len(made)}", api_id=name)
        made.append(name)
        WebSocketSession.objects.create(connection_id=name, channel_name=name)
        ChannelPermission.objects.create(channel_name=name)
        RateLimitBucket.objects.create(key=name, free_at=0)
        ApiGatewayAdditionalRoute.objects.create(
            api_gateway=gateway, name=name, route_key=name
        )

    for name in ("lobby", other):
        assert ApiGateway.objects.get(api_id=name).api_id == name
        assert WebSocketSession.objects.get(connection_id=name).channel_name == name
        assert WebSocketSession.objects.get(channel_name=name).connection_id == name
        assert ChannelPermission.for_channel(name).channel_name == name
        assert RateLimitBucket.objects.get(key=name).key == name
        assert ApiGatewayAdditionalRoute.objects.get(route_key=name).name == name


@pytest.mark.django_db
def test_a_gateway_has_a_route_once():
    gateway = ApiGateway.objects.create(api_name="mine")
    gateway.additional_routes.create(name="Chat", route_key="chat")

    with pytest.raises(IntegrityError):
        gateway.additional_routes.create(name="Talk", route_key="chat")


@pytest.mark.django_db
def test_what_aws_answers_fits():
    gateway = ApiGateway.objects.create(
        api_name="n" * 128,
        api_description="d" * 1024,
        certificate_arn="a" * 2048,
        stage_name="s" * 128,
        stage_description="d" * 1024,
        last_error="e" * 2000,
    )
    gateway.additional_routes.create(
        name="n", route_key="k" * 128, integration_url="https://a.example/" + "u" * 980
    )

    gateway.full_clean()
