"""A clean-up of many rows, of rows that change meanwhile, and one that is interrupted."""

import sqlite3
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from django_aws_api_gateway_websockets.cleanup import clean_up
from django_aws_api_gateway_websockets.models import WebSocketSession
from tests.app.old_rows import (
    NOTHING,
    NOW,
    make,
    make_closed,
    make_django_sessions,
)
from tests.gateway import rows, session

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
        assert all(sql.endswith("LIMIT 1000") for sql in selects)
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


@contextmanager
def before(kind, act, *, nth=1):
    """Act once, right before a statement of this kind."""
    seen = []

    def look(execute, sql, params, many, context):
        if sql.startswith(kind):
            seen.append(sql)
            if len(seen) == nth:
                act()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield


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


def interrupt():
    raise OperationalError("the server is away")


@pytest.mark.django_db(transaction=True)
class TestAnInterruptedCleanUp:
    @pytest.mark.parametrize("kind", ["SELECT", "UPDATE", "DELETE"])
    def test_is_an_error_and_the_next_one_does_the_rest(self, kind):
        make(name="aged", age=timedelta(hours=3))
        make_closed(name="closed")
        make_django_sessions()

        with before(kind, interrupt), pytest.raises(OperationalError):
            clean_up()
        clean_up()

        assert [row["connection_id"] for row in rows()] == ["aged-0="]
        assert not session("aged-0=").connected
        assert Session.objects.count() == 0
        assert clean_up() == NOTHING

    def test_keeps_the_batches_that_were_done(self):
        make(2_500, age=timedelta(hours=3))

        with before("UPDATE", interrupt, nth=3), pytest.raises(OperationalError):
            clean_up()

        assert WebSocketSession.objects.filter(connected=False).count() == 2_000
        assert clean_up() == {**NOTHING, "sessions_closed": 500}

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite locks its file")
    def test_may_be_kept_out_by_a_lock(self):
        make(age=timedelta(hours=3))
        make_closed(name="bob")
        before_it = rows()
        connection.cursor().execute("PRAGMA busy_timeout = 10")
        other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            with pytest.raises(OperationalError, match="locked"):
                clean_up()
        finally:
            other.execute("ROLLBACK")
            other.close()
        assert rows() == before_it

        assert clean_up() == {**NOTHING, "sessions_closed": 1, "sessions_deleted": 1}

    def test_may_find_no_database(self, monkeypatch):
        make(age=timedelta(hours=3))
        connection.close()
        with monkeypatch.context() as patch:
            for name, value in ABSENT[connection.vendor].items():
                patch.setitem(connection.settings_dict, name, value)
            with pytest.raises(OperationalError):
                clean_up()
            connection.close()

        assert clean_up() == {**NOTHING, "sessions_closed": 1}


ABSENT = {
    "sqlite": {"NAME": "/nowhere/at/all.sqlite3"},
    "postgresql": {"HOST": "127.0.0.1", "PORT": "9"},
}
