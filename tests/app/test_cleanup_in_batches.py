"""A clean-up of many rows, of rows that change meanwhile, and one that is interrupted."""

import sqlite3
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.db.models import ProtectedError
from django.db.models.signals import pre_delete
from django.test.utils import CaptureQueriesContext

from django_aws_api_gateway_websockets.cleanup import CleanUpFailed, clean_up
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


def interrupt():
    raise OperationalError("the server is away")


@contextmanager
def refused_deletes(connection_ids):
    """As where a model of the project protects these sessions."""
    refused = []

    def refuse(instance, **signal):
        if instance.connection_id in connection_ids:
            refused.append(instance)
            raise ProtectedError("a case refers to it", {instance})

    pre_delete.connect(refuse, sender=WebSocketSession)
    try:
        yield refused
    finally:
        pre_delete.disconnect(refuse, sender=WebSocketSession)


@pytest.mark.django_db(transaction=True)
class TestAnInterruptedCleanUp:
    @pytest.mark.parametrize("kind", ["SELECT", "UPDATE", "DELETE"])
    def test_is_an_error_and_the_next_one_does_the_rest(self, kind):
        make(name="aged", age=timedelta(hours=3))
        make_closed(name="closed")
        make_django_sessions()

        with before(kind, interrupt), pytest.raises(CleanUpFailed, match="is away"):
            clean_up()
        clean_up()

        assert [row["connection_id"] for row in rows()] == ["aged-0="]
        assert not session("aged-0=").connected
        assert Session.objects.count() == 0
        assert clean_up() == NOTHING

    def test_loses_the_batch_that_failed_and_no_other(self):
        make(2_500, age=timedelta(hours=3))
        make_closed(name="closed")

        with before("UPDATE", interrupt, nth=2):
            with pytest.raises(CleanUpFailed, match="is away") as failed:
                clean_up()

        assert "'sessions_closed': 1500, 'sessions_deleted': 1" in str(failed.value)
        assert isinstance(failed.value.__cause__, OperationalError)
        assert WebSocketSession.objects.filter(connected=False).count() == 1_500
        assert clean_up() == {**NOTHING, "sessions_closed": 1_000}

    def test_loses_the_step_that_failed_and_no_other(self):
        make(2_500, age=timedelta(hours=3))
        make_closed(name="closed")

        with before("SELECT", interrupt), pytest.raises(CleanUpFailed):
            clean_up()

        assert clean_up() == {**NOTHING, "sessions_closed": 2_500}

    def test_leaves_rows_alone_that_may_not_be_deleted(self):
        make_closed(2_000)
        protected = {"alice-7=", "alice-8=", "alice-1999="}

        with refused_deletes(protected):
            with pytest.raises(CleanUpFailed, match="ProtectedError") as failed:
                clean_up()

        assert "'sessions_deleted': 1997" in str(failed.value)
        assert {row["connection_id"] for row in rows()} == protected

    def test_gives_a_step_up_that_fails_again_and_again(self):
        make_closed(2_500)
        make_django_sessions()

        with refused_deletes({f"alice-{n}=" for n in range(2_500)}) as refused:
            with pytest.raises(CleanUpFailed):
                clean_up()

        assert len(refused) < 300
        assert len(rows()) == 2_500
        assert Session.objects.count() == 0

    def test_stops_at_once_when_somebody_interrupts_it(self):
        make(2_500, age=timedelta(hours=3))

        def press_ctrl_c():
            raise KeyboardInterrupt

        with before("UPDATE", press_ctrl_c, nth=3), pytest.raises(KeyboardInterrupt):
            clean_up()

        assert WebSocketSession.objects.filter(connected=False).count() == 2_000
        assert clean_up() == {**NOTHING, "sessions_closed": 500}

    @pytest.mark.skipif(
        connection.vendor != "postgresql", reason="PostgreSQL locks rows and can say no"
    )
    def test_passes_by_a_row_that_is_locked(self):
        make(2_500, age=timedelta(hours=3))
        make_closed(name="closed")
        other = connection.copy()
        other.set_autocommit(False)
        table = WebSocketSession._meta.db_table
        other.cursor().execute(
            f"SELECT 1 FROM {table} WHERE connection_id = 'alice-7=' FOR UPDATE"
        )
        connection.cursor().execute("SET lock_timeout = '50ms'")
        try:
            with pytest.raises(CleanUpFailed, match="lock timeout"):
                clean_up()
        finally:
            other.rollback()
            other.close()
            connection.cursor().execute("RESET lock_timeout")

        assert clean_up() == {**NOTHING, "sessions_closed": 1_000}

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite locks its file")
    def test_may_be_kept_out_by_a_lock(self):
        make(age=timedelta(hours=3))
        make_closed(name="bob")
        before_it = rows()
        connection.cursor().execute("PRAGMA busy_timeout = 10")
        other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            with pytest.raises(CleanUpFailed, match="locked"):
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
            with pytest.raises(CleanUpFailed) as failed:
                clean_up()
            connection.close()
        assert str(failed.value).count("OperationalError") == 1  # and waits once

        assert clean_up() == {**NOTHING, "sessions_closed": 1}


ABSENT = {
    "sqlite": {"NAME": "/nowhere/at/all.sqlite3"},
    "postgresql": {"HOST": "127.0.0.1", "PORT": "9"},
    "mysql": {"HOST": "127.0.0.1", "PORT": "9"},
}
