"""Whatever a queryset selects gets the message, each connection once."""

import pytest
from django.db import connection, transaction
from django.db.models.functions import Upper

from django_aws_api_gateway_websockets.models import DEFERRED
from tests.app.any_queryset.querysets import QUERYSETS, by_name, named, posted_to
from tests.app.lobby import HELLO, everybody

pytestmark = pytest.mark.django_db(transaction=True)

EXPECTED = {name: list(names) for name, (_, names) in QUERYSETS.items()}


@pytest.mark.usefixtures("lobby", "rows_in_a_page")
def test_each_that_is_open_gets_it_once(transport):
    posted = {}
    for name, (queryset, names) in QUERYSETS.items():
        transport.clear()
        result = queryset().send_message(HELLO)
        posted[name] = posted_to(transport)
        assert result.sent == len(result) == len(names), name

    assert posted == EXPECTED


@pytest.mark.usefixtures("lobby", "rows_in_a_page")
def test_in_a_transaction_each_gets_it_once_after_the_commit(transport):
    posted = {}
    for name, (queryset, _) in QUERYSETS.items():
        transport.clear()
        with transaction.atomic():
            assert queryset().send_message(HELLO) is DEFERRED
            assert transport.posts == []
        posted[name] = posted_to(transport)

    assert posted == EXPECTED


@pytest.mark.usefixtures("rows_in_a_page", "lobby")
def test_in_a_transaction_who_gets_it_is_decided_at_once(transport, make_session):
    with transaction.atomic():
        named("a", "b", "c", "d").send_message(HELLO)
        named("a").delete()
        named("b").update(connected=False, closed_reason="age")
        named("c").update(channel_name="kitchen")
        named("e").update(connection_id="cc")
        make_session("bb")

    assert posted_to(transport) == ["a", "b", "c", "d"]


@pytest.mark.usefixtures("lobby")
def test_the_queryset_may_be_used_again(transport):
    queryset = by_name()[:2]

    assert [queryset.send_message(HELLO).sent for _ in range(2)] == [2, 2]
    assert [session.connection_id for session in queryset] == ["a", "b"]


@pytest.mark.usefixtures("lobby")
@pytest.mark.parametrize("name", ["user", "name"])
def test_one_of_each_user_on_postgresql(transport, name):
    if connection.vendor != "postgresql":
        pytest.skip("No other database knows DISTINCT ON.")
    rows = everybody().annotate(name=Upper("user__username"))

    rows.order_by(name, "connection_id").distinct(name).send_message(HELLO)

    assert posted_to(transport) == ["a", "d"]
