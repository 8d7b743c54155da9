"""The clean-up: what ended unheard is closed, and what nobody needs is deleted."""

import sqlite3
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.contrib.sessions.backends import file
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.models.signals import post_delete
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_aws_api_gateway_websockets.cleanup import clean_up
from django_aws_api_gateway_websockets.models import ApiGateway, WebSocketSession
from tests.gateway import rows, session

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
A_MOMENT = timedelta(microseconds=1)
TWO_HOURS = timedelta(hours=2)
SEVEN_DAYS = timedelta(days=7)
NOTHING = {"sessions_closed": 0, "sessions_deleted": 0, "django_sessions_deleted": 0}


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def make(number=1, *, name="alice", age=timedelta(), **fields):
    """Sessions that were made and touched a while ago."""
    gateway = ApiGateway.objects.get()
    WebSocketSession.objects.bulk_create(
        [
            WebSocketSession(
                connection_id=f"{name}-{n}=",
                channel_name="lobby",
                api_gateway=gateway,
                **fields,
            )
            for n in range(number)
        ]
    )
    made = WebSocketSession.objects.filter(connection_id__startswith=f"{name}-")
    made.update(created_on=NOW - age, updated_on=NOW - age)


def make_closed(number=1, *, name="alice", closed=SEVEN_DAYS + A_MOMENT, **fields):
    fields = {"closed_reason": "disconnect", "closed_on": NOW - closed, **fields}
    make(number, name=name, age=timedelta(days=30), connected=False, **fields)


def make_django_sessions(number=1, *, name="expired", expired=A_MOMENT):
    Session.objects.bulk_create(
        [
            Session(session_key=f"{name}-{n}", expire_date=NOW - expired)
            for n in range(number)
        ]
    )


class TestAgedSessions:
    def test_are_closed(self):
        make(age=TWO_HOURS + A_MOMENT)

        assert clean_up() == {**NOTHING, "sessions_closed": 1}

        closed = session("alice-0=")
        assert not closed.connected
        assert closed.closed_reason == "age"
        assert closed.closed_on == closed.updated_on == NOW

    @pytest.mark.parametrize("age", [timedelta(), TWO_HOURS - A_MOMENT, TWO_HOURS])
    def test_are_older_than_two_hours(self, age):
        make(age=age)

        assert clean_up() == NOTHING

        assert session("alice-0=").connected

    @pytest.mark.parametrize("reason", ["disconnect", "gone", "logout", "staff", ""])
    def test_that_are_closed_keep_their_reason(self, reason):
        make_closed(closed=timedelta(days=1), closed_reason=reason)
        before = rows()

        assert clean_up() == NOTHING

        assert rows() == before

    def test_stay_closed_whatever_comes(self, gateway, transport):
        gateway.connect("alice=")
        WebSocketSession.objects.update(created_on=NOW - timedelta(hours=3))
        clean_up()

        response = gateway.message({"handler": "echo", "text": "hello"}, "alice=")

        assert response.status_code == 400
        assert response.content == b"Invalid connection ID"
        assert session("alice=").closed_reason == "age"
        assert transport.posts == []


class TestClosedSessions:
    def test_are_deleted(self):
        make_closed()

        assert clean_up() == {**NOTHING, "sessions_deleted": 1}

        assert rows() == []

    @pytest.mark.parametrize("closed", [timedelta(), SEVEN_DAYS - A_MOMENT, SEVEN_DAYS])
    def test_are_kept_for_seven_days(self, closed):
        make_closed(closed=closed)

        assert clean_up() == NOTHING

        assert len(rows()) == 1

    @pytest.mark.parametrize(
        ("touched", "deleted"), [(SEVEN_DAYS + A_MOMENT, 1), (SEVEN_DAYS, 0)]
    )
    def test_from_before_there_was_a_date_are_those_touched_last(
        self, touched, deleted
    ):
        make(age=touched, connected=False)

        assert clean_up() == {**NOTHING, "sessions_deleted": deleted}

    def test_that_are_open_again_are_kept(self):
        make(age=timedelta(hours=1), closed_on=NOW - timedelta(days=30))

        assert clean_up() == NOTHING

    def test_leave_the_gateway_alone(self):
        make_closed()

        clean_up()

        assert ApiGateway.objects.count() == 1


class SessionStore(SessionBase):
    """Of a project that made its own, and cannot clear it."""


class TestDjangoSessions:
    def test_are_deleted_when_they_have_expired(self):
        make_django_sessions(expired=A_MOMENT)
        make_django_sessions(name="live", expired=timedelta())

        assert clean_up() == {**NOTHING, "django_sessions_deleted": 1}

        assert Session.objects.get().session_key == "live-0"

    def test_in_files_are_left_to_their_store(self, settings, tmp_path):
        settings.SESSION_ENGINE = "django.contrib.sessions.backends.file"
        settings.SESSION_FILE_PATH = str(tmp_path)
        for days in (-1, 1):
            store = file.SessionStore()
            store.set_expiry(NOW + timedelta(days=days))
            store.save()
        make_django_sessions()

        assert clean_up() == NOTHING

        [live] = tmp_path.iterdir()
        assert live.name == f"sessionid{store.session_key}"
        assert Session.objects.count() == 1

    @pytest.mark.parametrize("engine", ["cache", "signed_cookies"])
    def test_that_have_no_rows_cost_nothing(self, settings, engine):
        settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"

        assert clean_up() == NOTHING

    def test_of_a_store_that_cannot_clear_are_no_error(self, settings):
        settings.SESSION_ENGINE = __name__

        assert clean_up() == NOTHING

    def test_need_not_be_installed(self, settings):
        settings.INSTALLED_APPS = [
            app for app in settings.INSTALLED_APPS if app != "django.contrib.sessions"
        ]
        make_django_sessions()

        assert clean_up() == NOTHING


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
            "sessions_closed": 2_500,
            "sessions_deleted": 2_500,
            "django_sessions_deleted": 2_500,
        }
        assert WebSocketSession.objects.filter(connected=True).count() == 10
        assert WebSocketSession.objects.filter(closed_reason="age").count() == 2_500
        assert WebSocketSession.objects.count() == 2_520
        assert Session.objects.count() == 10
        kinds = [query["sql"].split()[0] for query in queries]
        assert kinds.count("SELECT") == 9
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

        assert len(queries) == 3


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
            lambda: WebSocketSession.objects.disconnect("alice-0=", api_id="api123"),
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


def test_who_hears_the_signals_hears_of_each_row():
    make_closed(2)
    heard = []

    def hear(instance, **signal):
        heard.append(instance.connection_id)

    post_delete.connect(hear, sender=WebSocketSession)
    try:
        assert clean_up() == {**NOTHING, "sessions_deleted": 2}
    finally:
        post_delete.disconnect(hear, sender=WebSocketSession)

    assert sorted(heard) == ["alice-0=", "alice-1="]


def test_the_command_prints_the_counts():
    make(3, age=timedelta(hours=3))
    make_closed(2, name="bob")
    make_django_sessions(1)
    output = StringIO()

    call_command("cleanup_websockets", stdout=output)

    assert output.getvalue().splitlines() == [
        "sessions closed: 3",
        "sessions deleted: 2",
        "django sessions deleted: 1",
    ]
