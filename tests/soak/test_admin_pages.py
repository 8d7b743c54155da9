"""The admin's lists with a million sessions and twenty thousand channels."""

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from django_aws_api_gateway_websockets.models import (
    ChannelPermission,
    WebSocketSession,
)
from tests.soak.million_rows import make_rows

APP = "/admin/django_aws_api_gateway_websockets/"
SESSIONS, CHANNELS = f"{APP}websocketsession/", f"{APP}channelpermission/"
TABLE = WebSocketSession._meta.db_table
MOST_READ = 50_000  # rows, by all statements of a page
STEPS_OF_A_ROW = 5

pytestmark = pytest.mark.django_db

# What an index finds.
PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "first page": (SESSIONS, {}),
    "last page": (SESSIONS, {"p": 30}),
    "small channel": (SESSIONS, {"channel_name": "channel-17"}),
    "large channel": (SESSIONS, {"channel_name": "lobby"}),
    "large channel, open": (SESSIONS, {"channel_name": "lobby", "connected__exact": 1}),
    "user": (SESSIONS, {"user_name": "user-17"}),
    "user, staff": (SESSIONS, {"user_name": "user-17", "closed_reason__exact": "staff"}),
    "gateway": (SESSIONS, {"gateway": "large"}),
    "open": (SESSIONS, {"connected__exact": 1}),
    "search of a connection": (SESSIONS, {"q": "c123456="}),
    "search of a user": (SESSIONS, {"q": "user-174"}),
    "search of nobody": (SESSIONS, {"q": "nobody"}),
    "channels": (CHANNELS, {}),
    "channels, last page": (CHANNELS, {"p": 30}),
}  # fmt: skip
# Twenty users at once; and what no index has, so that closing a session writes one less:
# such a list is read as far as it takes to count three thousand, once more for the page.
READ_MORE: dict[str, tuple[str, dict[str, Any]]] = {
    "search of users": (SESSIONS, {"q": "user-1"}),
    "closed, behind those that are open": (SESSIONS, {"connected__exact": 0}),
    "rare reason": (SESSIONS, {"closed_reason__exact": "staff"}),
    "reason of nobody": (SESSIONS, {"closed_reason__exact": "abuse"}),
}


def rows_read_by(sql: str) -> int:
    """About how many rows the database takes from tables and indexes for it."""
    if connection.vendor == "sqlite":
        return steps_of(sql) // STEPS_OF_A_ROW
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}")
        [(plans,)] = cursor.fetchall()
    return sum(map(rows_of_scan, nodes(plans)))


def nodes(plans: list[Any]) -> Iterator[Any]:
    for plan in plans:
        node = plan.get("Plan", plan)
        yield node
        yield from nodes(node.get("Plans", []))


def rows_of_scan(node: Any) -> int:
    if "Scan" not in node["Node Type"] or node["Node Type"] == "Bitmap Index Scan":
        return 0
    read = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return round(read * node["Actual Loops"])


def steps_of(sql: str) -> int:
    """About how many instructions SQLite's machine runs for it."""
    thousands = 0

    def count() -> None:
        nonlocal thousands
        thousands += 1

    with connection.cursor() as cursor:
        connection.connection.set_progress_handler(count, 1_000)
        try:
            cursor.execute(sql.replace("%", "%%"), [])
            cursor.fetchall()
        finally:
            connection.connection.set_progress_handler(None, 0)
    return 1_000 * thousands


def measured(
    client: Client, page: tuple[str, dict[str, Any]]
) -> tuple[float, list[str]]:
    """Milliseconds, and the statements about the two large tables."""
    url = f"{page[0]}?{urlencode(page[1])}"
    client.get(url, secure=True)
    started = time.perf_counter()
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(url, secure=True)
    milliseconds = round(1_000 * (time.perf_counter() - started), 1)
    assert answer.status_code == 200
    assert len(answer.content) < 150_000
    tables = (TABLE, ChannelPermission._meta.db_table)
    statements = [each["sql"] for each in queries]
    return milliseconds, [sql for sql in statements if any(t in sql for t in tables)]


def test_pages_read_what_they_show_and_count_no_table(
    staff: Client, tell: Callable[[dict[str, Any]], None]
) -> None:
    make_rows()
    figures, too_much = {}, {}
    for name, page in {**PAGES, **READ_MORE}.items():
        milliseconds, statements = measured(staff, page)
        assert len(statements) <= 4, name
        assert all(" LIMIT " in sql for sql in statements), name
        read = sum(map(rows_read_by, statements))
        figures[name] = f"{milliseconds} ms, {read:,} rows"
        if name in PAGES and read > MOST_READ:
            too_much[name] = (read, statements)
    tell(figures)

    assert too_much == {}
