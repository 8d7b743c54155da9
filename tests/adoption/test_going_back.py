"""Who goes back to the earlier package finds everything there, with our columns or without."""

import pytest
from django.core.management import call_command

from django_aws_api_gateway_websockets.models import ApiGateway, WebSocketSession
from tests.adoption.peers import peer
from tests.adoption.schemas import APP

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
