"""Who goes back to the earlier package finds everything there, with our columns or without."""

import re

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connections
from django.db.migrations.loader import MigrationLoader

from django_aws_api_gateway_websockets.models import (
    ApiGateway,
    ApiGatewayAdditionalRoute,
    ChannelPermission,
    WebSocketSession,
)
from tests.adoption.peers import peer
from tests.adoption.schemas import APP
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "howto" / "moving-from-the-peer.md"

OPEN = {"alice=": 200, "anybody=": 200, "carol=": 200}


@pytest.fixture
def moved(make_database):
    """A database that was the earlier package's, after `migrate`."""
    alias = make_database()
    peer(alias, "migrate", "fill")
    call_command("migrate", database=alias, verbosity=0, skip_checks=False)
    return alias


def test_it_works_in_the_tables_as_they_are_then(moved):
    [lived] = peer(moved, "live_on")

    assert lived["statuses"] == OPEN
    carol = WebSocketSession.objects.using(moved).get(connection_id="carol=")
    assert (carol.closed_reason, carol.messages_free_at) == ("", 0)


def test_it_works_in_its_own_tables(moved):
    gateways = ApiGateway.objects.using(moved)
    rows = gateways.values_list("api_name", "tags").order_by("pk")
    before = list(rows)

    call_command("migrate", APP, "0001", database=moved, verbosity=0)
    [lived] = peer(moved, "live_on")

    assert lived["statuses"] == OPEN
    # And forth again.
    call_command("migrate", database=moved, verbosity=0, skip_checks=False)
    assert list(rows)[: len(before)] == before


def rule(name):
    return ChannelPermission(channel_name=name)


def route(name):  # of the gateway that the settings name
    return ApiGatewayAdditionalRoute(api_gateway_id=1, name=name, route_key=name)


def session(name):
    return WebSocketSession(connection_id=name)


@pytest.mark.parametrize(
    ("row", "names", "refused_by"),
    [
        (rule, ["c" * 129], {"mysql", "postgresql"}),
        (rule, ["Room", "room"], {"mysql"}),
        (rule, ["r\N{LATIN SMALL LETTER O WITH DIAERESIS}om", "room"], {"mysql"}),
        (route, ["Chat", "chat"], {"mysql"}),
        (session, ["abc=", "Abc="], {"mysql"}),
    ],
)
def test_what_does_not_fit_has_to_go_first(make_database, row, names, refused_by):
    alias = make_database()
    call_command("migrate", database=alias, verbosity=0)
    rows = [row(name) for name in names]
    for each in rows:
        each.save(using=alias)

    if connections[alias].vendor in refused_by:
        with pytest.raises(DatabaseError):
            call_command("migrate", APP, "0001", database=alias, verbosity=0)
        table = connections[alias].ops.quote_name(rows[0]._meta.db_table)
        with connections[alias].cursor() as cursor:
            cursor.execute(f"DELETE FROM {table} WHERE id = %s", [rows[0].pk])

    call_command("migrate", APP, "0001", database=alias, verbosity=0)


def test_the_page_names_each_column_that_gets_narrower():
    first, last = (
        MigrationLoader(None).project_state((APP, name)).models
        for name in ("0001_squashed_0015", "0019_broadcasts")
    )
    narrower = {
        f"{last[key].name}.{name}": str(field.max_length)
        for key, model in first.items()
        if key[0] == APP
        for name, field in model.fields.items()
        if field.max_length != last[key].fields[name].max_length
    }

    rows = re.findall(
        r"^\| (`\w+\.\w+`.*) \| (\d+) \|$", PAGE.read_text(), re.MULTILINE
    )
    assert narrower == {
        name: letters
        for names, letters in rows
        for name in re.findall(r"`(.+?)`", names)
    }
