"""A clean-up that is interrupted, or that something keeps from a row, does the rest."""

import sqlite3
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.db.models import ProtectedError
from django.db.models.signals import pre_delete

from django_aws_api_gateway_websockets.cleanup import CleanUpFailed, clean_up
from django_aws_api_gateway_websockets.models import WebSocketSession
from tests.app.old_rows import NOTHING, make, make_closed, make_django_sessions
from tests.app.statements import before
from tests.gateway import rows, session

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clock"),
]


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
