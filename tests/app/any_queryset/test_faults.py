"""A gateway without an address, or a database that fails on the way."""

from collections import Counter

import pytest
from django.db import connection

from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models import ApiGateway, pages
from tests.app.any_queryset.querysets import named, posted_to
from tests.app.lobby import HELLO, everybody

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("lobby", "rows_in_a_page")
def test_each_gateway_gets_its_own_and_a_bad_one_stops_no_other(transport):
    other = ApiGateway.objects.create(
        api_name="other", callback_url="https://other.example/production"
    )
    named("b", "d").update(api_gateway=other)
    named("c").update(api_gateway=ApiGateway.objects.create(api_name="draft"))
    named("e").update(api_gateway=None)

    result = everybody().send_message(HELLO)

    assert Counter(post.callback_url for post in transport.posts) == {
        "https://socket.example/production": 2,
        "https://other.example/production": 2,
    }
    assert str(result) == "4 sent, 0 gone, 0 connecting, 0 throttled, 2 failed"
    assert sorted(result.connection_ids(Outcome.FAILED)) == ["c", "e"]


@pytest.mark.usefixtures("lobby")
def test_a_database_that_fails_in_the_middle_is_an_error_after_the_first_pages(
    monkeypatch, transport
):
    monkeypatch.setattr(pages, "ROWS_IN_A_PAGE", 2)

    def only_one_page(execute, sql, params, many, context):
        if f"{connection.ops.quote_name('id')} > " in sql:
            raise ConnectionError("the database has gone away")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(only_one_page):
        with pytest.raises(ConnectionError, match="gone away"):
            everybody().send_message(HELLO)

    assert posted_to(transport) == ["a", "b"]
