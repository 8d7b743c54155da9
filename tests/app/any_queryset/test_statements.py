"""How many statements a queryset is read with, and those who have gone are closed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_aws_api_gateway_websockets.models import pages
from tests.app.any_queryset.querysets import by_name
from tests.app.lobby import GONE, HELLO, everybody

pytestmark = pytest.mark.django_db(transaction=True)


def statements(send):
    with CaptureQueriesContext(connection) as captured:
        send()
    return len(captured)


@pytest.mark.usefixtures("lobby")
@pytest.mark.parametrize(
    ("rows", "expected"),
    # Six are open. A page that is full may be the last one: only the next one tells.
    [(100, 1), (7, 1), (6, 2), (4, 2), (3, 3)],
)
def test_a_page_is_a_statement(monkeypatch, transport, rows, expected):
    monkeypatch.setattr(pages, "ROWS_IN_A_PAGE", rows)
    gateways = 1

    assert statements(lambda: everybody().send_message(HELLO)) == expected + gateways


@pytest.mark.usefixtures("lobby")
def test_a_slice_is_a_statement_for_its_keys_and_one_for_its_rows(transport):
    assert statements(lambda: by_name()[:3].send_message(HELLO)) == 2 + 1


@pytest.mark.usefixtures("lobby")
def test_those_of_all_pages_who_have_gone_are_closed_in_one_statement(
    monkeypatch, transport
):
    monkeypatch.setattr(pages, "ROWS_IN_A_PAGE", 2)
    for name in ("a", "c", "f"):
        transport.answer(name, GONE)

    with CaptureQueriesContext(connection) as captured:
        result = everybody().send_message(HELLO)

    updates = [each for each in captured if each["sql"].startswith("UPDATE")]
    assert (result.gone, len(updates)) == (3, 1)
    closed = everybody().filter(closed_reason="gone").order_by("connection_id")
    assert [session.connection_id for session in closed] == ["a", "c", "f"]
