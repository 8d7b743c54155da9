"""A clean-up of many rows, and of rows that change meanwhile."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_aws_api_gateway_websockets.cleanup import clean_up
from django_aws_api_gateway_websockets.models import (
    ConnectionRateLimit,
    WebSocketSession,
)
from tests.app.old_rows import (
    NOTHING,
    NOW,
    make,
    make_closed,
    make_django_sessions,
)
from tests.app.statements import before
from tests.gateway import session

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


class TestManyRows:
    @pytest.fixture
    def many(self):
        make(2_500, name="aged", age=timedelta(hours=3))
        make_closed(2_500, name="closed")
        make_django_sessions(2_500)
        make(10, name="open")
        make_closed(10, name="recent", closed=timedelta(days=1))
        make_django_sessions(10, name="live", expired=-timedelta(days=1))

    def test_are_all_cleaned_up_in_statements_of_a_thousand(self, many):
        with CaptureQueriesContext(connection) as queries:
            counts = clean_up()

        assert counts == {
            **NOTHING,
            "sessions_closed": 2_500,
            "sessions_deleted": 2_500,
            "django_sessions_deleted": 2_500,
        }
        assert WebSocketSession.objects.filter(connected=True).count() == 10
        assert WebSocketSession.objects.filter(closed_reason="age").count() == 2_500
        assert WebSocketSession.objects.count() == 2_520
        assert Session.objects.count() == 10
        kinds = [query["sql"].split()[0] for query in queries]
        assert kinds.count("SELECT") == 14
        assert kinds.count("UPDATE") == 3
        assert kinds.count("DELETE") == 6
        assert set(kinds) <= {"SELECT", "UPDATE", "DELETE", "BEGIN", "COMMIT"}

    def test_are_deleted_by_their_keys_and_never_read_whole(self, many):
        with CaptureQueriesContext(connection) as queries:
            clean_up()

        statements = [query["sql"] for query in queries]
        selects = [sql for sql in statements if sql.startswith("SELECT")]
        assert not any(
            "channel_name" in sql or "session_data" in sql for sql in selects
        )
        assert all(sql.endswith(("LIMIT 1000", "LIMIT 50")) for sql in selects)
        assert not any("FOR UPDATE" in sql for sql in statements)
        for sql in statements:
            if sql.startswith(("UPDATE", "DELETE")):
                condition = sql.partition(" WHERE ")[2]
                assert " IN (" in condition
                assert "connected" in condition or "expire_date" in condition

    def test_leave_nothing_for_the_second_time(self, many):
        clean_up()

        with CaptureQueriesContext(connection) as queries:
            assert clean_up() == NOTHING

        assert len(queries) == len(NOTHING)


def test_tens_of_thousands_are_deleted_in_statements_of_a_thousand():
    ConnectionRateLimit.objects.bulk_create(
        [ConnectionRateLimit(ip_address="192.0.2.7") for _ in range(20_000)],
        batch_size=1_000,
    )
    ConnectionRateLimit.objects.update(attempt_time=NOW - timedelta(days=8))

    with CaptureQueriesContext(connection) as queries:
        counts = clean_up()

    assert counts == {**NOTHING, "attempts_deleted": 20_000}
    kinds = [query["sql"].split()[0] for query in queries]
    assert kinds.count("DELETE") == 20
    assert kinds.count("SELECT") == 21 + len(NOTHING) - 1


class TestRowsThatChangeMeanwhile:
    def test_one_that_opens_again_is_kept(self):
        make_closed(closed_reason="gone")
        make_closed(name="bob")

        with before("DELETE", lambda: session("alice-0=").count_message()):
            assert clean_up()["sessions_deleted"] == 1

        assert session("alice-0=").connected

    def test_one_that_is_closed_keeps_its_reason(self):
        make(age=timedelta(hours=3))

        with before(
            "UPDATE",
            lambda: WebSocketSession.objects.end("alice-0=", api_id="api123"),
        ):
            assert clean_up()["sessions_closed"] == 0

        assert session("alice-0=").closed_reason == "disconnect"

    def test_a_django_session_that_is_used_again_is_kept(self):
        make_django_sessions()

        with before(
            "DELETE",
            lambda: Session.objects.update(expire_date=NOW + timedelta(days=1)),
        ):
            assert clean_up() == NOTHING

        assert Session.objects.count() == 1
