"""The clean-up that runs each hour."""

import logging
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from django_aws_api_gateway_websockets.cleanup import STEPS, CleanUpFailed
from django_aws_api_gateway_websockets.models import ApiGateway, WebSocketSession
from lambda_handlers.schedule import handler
from tests.database_servers import end_from_elsewhere
from tests.gateway import session

pytestmark = pytest.mark.django_db(transaction=True)

NOTHING = dict.fromkeys(STEPS, 0)


@pytest.fixture
def old_session():
    WebSocketSession.objects.create(
        connection_id="old=", channel_name="lobby", api_gateway=ApiGateway.objects.get()
    )
    created_on = timezone.now() - timedelta(hours=3)
    WebSocketSession.objects.update(created_on=created_on)


def test_the_clean_up_is_counted_and_logged_in_one_line(old_session, caplog):
    assert handler({}, None) == {**NOTHING, "sessions_closed": 1}

    [record] = caplog.records
    assert record.levelno == logging.INFO
    assert "'sessions_closed': 1" in record.getMessage()
    assert session("old=").closed_reason == "age"


def test_a_clean_up_that_fails_is_an_error(old_session, caplog):
    with connection.execute_wrapper(fail), pytest.raises(CleanUpFailed):
        handler({}, None)

    assert caplog.records == []
    assert handler({}, None) == {**NOTHING, "sessions_closed": 1}


def fail(execute, sql, params, many, context):
    raise OperationalError("the database is away")


class TestConnections:
    @pytest.fixture(autouse=True)
    def kept_connections(self, monkeypatch):
        """Settings like those of a deployed function, and a connection that is new."""
        connection.close()
        monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 600)
        monkeypatch.setitem(connection.settings_dict, "CONN_HEALTH_CHECKS", True)
        yield
        connection.close()

    def test_a_connection_is_kept_for_the_next_event(self):
        handler({}, None)
        kept = connection.connection
        handler({}, None)

        assert kept is not None
        assert connection.connection is kept

    def test_an_old_connection_is_closed_after_the_event(self, monkeypatch):
        monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)

        handler({}, None)

        assert connection.connection is None

    def test_an_old_connection_is_closed_after_an_event_that_failed(self, monkeypatch):
        monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
        connection.ensure_connection()

        with connection.execute_wrapper(fail), pytest.raises(CleanUpFailed):
            handler({}, None)

        assert connection.connection is None

    def test_a_connection_in_an_unknown_state_is_replaced(self, old_session):
        connection.set_autocommit(False)
        left_behind = connection.connection

        assert handler({}, None) == {**NOTHING, "sessions_closed": 1}

        assert connection.connection is not left_behind
        assert connection.get_autocommit()
        assert session("old=").closed_reason == "age"

    @pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no server")
    def test_a_connection_that_the_server_has_closed_is_replaced(self):
        handler({}, None)
        end_from_elsewhere(connection)

        assert handler({}, None) == NOTHING
