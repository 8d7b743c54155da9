"""Transactions that meet others are tried again."""

import sqlite3

import pytest
from django.db import OperationalError, connection, transaction

from django_aws_api_gateway_websockets.models import ApiGateway
from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.transactions import retry_on_conflict
from tests.app.echo import PublicView
from tests.gateway import ALICE

pytestmark = pytest.mark.django_db(transaction=True)


class ServerError(Exception):
    """What a PostgreSQL driver raises."""

    def __init__(self, sqlstate):
        self.sqlstate = sqlstate


def sqlite_error(code):
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = code
    return error


def conflict(cause=None, *args):
    error = OperationalError(*args)
    error.__cause__ = cause
    return error


CONFLICTS = {
    "serialization failure": conflict(ServerError("40001")),
    "deadlock": conflict(ServerError("40P01")),
    "MariaDB deadlock": conflict(None, 1213, "Deadlock found"),
    "MariaDB lock wait": conflict(None, 1205, "Lock wait timeout exceeded"),
    "MariaDB changed row": conflict(None, 1020, "Record has changed since last read"),
    "SQLite busy": conflict(sqlite_error(5)),
    "SQLite busy snapshot": conflict(sqlite_error(517)),
    "SQLite locked": conflict(sqlite_error(6)),
}


@pytest.mark.parametrize("error", CONFLICTS.values(), ids=CONFLICTS)
def test_a_conflict_is_tried_again(error):
    tries = []

    @retry_on_conflict
    def save(value):
        assert connection.in_atomic_block
        tries.append(value)
        ApiGateway.objects.create(api_name="main")
        if len(tries) < 3:
            raise error
        return value

    assert save(7) == 7
    assert tries == [7, 7, 7]
    assert ApiGateway.objects.filter(api_name="main").count() == 1


def test_five_times_at_most():
    tries = []

    @retry_on_conflict(using="default")
    def save():
        tries.append(1)
        raise conflict(ServerError("40001"))

    with pytest.raises(OperationalError):
        save()

    assert len(tries) == 5


def test_another_error_is_raised_at_once():
    tries = []

    @retry_on_conflict
    def save():
        tries.append(1)
        raise conflict(ServerError("57014"))

    with pytest.raises(OperationalError):
        save()

    assert len(tries) == 1


def test_inside_a_transaction_the_function_is_just_called():
    tries = []

    @retry_on_conflict
    def save():
        tries.append(1)
        raise conflict(ServerError("40001"))

    with pytest.raises(OperationalError), transaction.atomic():
        save()

    assert len(tries) == 1


def test_an_atomic_handler_sends_once_however_often_it_was_tried(serve, transport):
    tries = []

    class AtomicView(PublicView):
        atomic = True

        @handler
        def save(self, request, *args, **kwargs):
            tries.append(1)
            self.websocket_session.send_message({"try": len(tries)})
            if len(tries) < 2:
                raise conflict(ServerError("40001"))
            return {"tries": len(tries)}

    gateway = serve(AtomicView)
    gateway.connect()

    response = gateway.message({"handler": "save", "id": 1})

    assert response.status_code == 200
    assert transport.messages_to(ALICE) == [
        {"try": 2},
        {"type": "reply", "id": 1, "data": {"tries": 2}},
    ]


def test_requests_are_in_no_transaction_whatever_the_database_says(
    serve, transport, monkeypatch
):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)

    class AutocommitView(PublicView):
        @handler
        def look(self, request, *args, **kwargs):
            return {"in_a_transaction": connection.in_atomic_block}

        def dispatch(self, request, *args, **kwargs):
            return super().dispatch(request, *args, **kwargs)

    gateway = serve(AutocommitView)
    gateway.connect()
    gateway.message({"handler": "look"})

    [reply] = transport.messages_to(ALICE)
    assert reply["data"] == {"in_a_transaction": False}
