"""Closing the sessions of those who have gone neither holds up nor ends the sending."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from threading import Event

import pytest
from django.db import (
    DatabaseError,
    InterfaceError,
    connection,
    connections,
    transaction,
)

from django_aws_api_gateway_websockets.exceptions import NoCredentials
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models import WebSocketSession
from django_aws_api_gateway_websockets.models import closing as module
from tests.app.lobby import GONE, HELLO, everybody
from tests.large_broadcasts import make_sessions, progress, send, sets

pytestmark = pytest.mark.django_db(transaction=True)


PATIENCE = 10  # seconds


@contextmanager
def closing_connections():
    try:
        yield
    finally:
        connections.close_all()


def refuse_to_close(execute, sql, params, many, context):
    if sql.startswith("UPDATE"):
        raise DatabaseError("the row is locked")
    return execute(sql, params, many, context)


def test_a_database_that_refuses_leaves_the_account_whole(
    transport, make_session, caplog
):
    for name in ("alice=", "gone=", "zoe="):
        make_session(name)
    transport.answer("gone=", GONE)

    with connection.execute_wrapper(refuse_to_close):
        result = everybody().send_message(HELLO)

    assert (result.sent, result.gone) == (2, 1)
    assert "cannot be closed: the row is locked" in caplog.text
    assert "1 sessions that have gone stay open" in caplog.text


def test_so_does_a_lost_connection(transport, make_session):
    make_session("gone=")
    transport.answer("gone=", GONE)

    def lose_connection(execute, sql, params, many, context):
        if sql.startswith("UPDATE"):
            raise InterfaceError("connection already closed")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(lose_connection):
        assert everybody().send_message(HELLO).gone == 1


def test_a_row_that_another_one_has_locked_keeps_nobody_waiting(transport):
    names = make_sessions(5_000)
    for name in names[:1_000]:
        transport.answer(name, GONE)
    is_held, may_go = Event(), Event()

    def hold():
        with closing_connections(), transaction.atomic():
            everybody().filter(connection_id=names[0]).update(request_count=2)
            is_held.set()
            may_go.wait(PATIENCE)

    def send():
        rows = everybody()
        outcomes = rows.outcomes_of(b"{}", rows.open_pages(), seconds=3 * PATIENCE)
        with closing_connections(), closing(outcomes):
            for number, _ in enumerate(outcomes, 1):
                if number == len(names):
                    may_go.set()

    with ThreadPoolExecutor(2) as threads:
        holding = threads.submit(hold)
        assert is_held.wait(PATIENCE)
        sending = threads.submit(send)
        all_came = may_go.wait(PATIENCE / 2)
        may_go.set()
        sending.result(PATIENCE)
        holding.result(PATIENCE)

    assert all_came
    assert everybody().filter(closed_reason="gone").count() == 1_000


def test_a_worker_that_may_die_of_it_has_written_down_what_it_delivered(
    queues, transport
):
    make_sessions(10)
    transport.answer("client-3=", GONE)
    send()
    written = []

    def look(execute, sql, params, many, context):
        if sql.startswith("UPDATE") and sets("closed_reason", sql):
            written.append(progress()[:5])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        assert queues.poll() == []

    assert written == [(9, 1, 0, 0, 0)]


def test_a_single_message_to_one_who_has_gone_is_none_all_the_same(
    transport, make_session
):
    session = make_session("gone=")
    transport.answer("gone=", GONE)

    with connection.execute_wrapper(refuse_to_close):
        assert session.send_message(HELLO) is None

    assert (session.connected, session.closed_reason) == (True, "")
    assert WebSocketSession.objects.get().connected
    assert session.send_message(HELLO) is None
    assert (session.connected, session.closed_reason) == (False, "gone")
    assert not WebSocketSession.objects.get().connected


def test_one_whom_another_one_has_closed_meanwhile_is_not_said_to_be_gone(
    transport, make_session
):
    session = make_session("gone=")
    transport.answer("gone=", GONE)
    everybody().update(connected=False, closed_reason="disconnect")

    assert session.send_message(HELLO) is None

    assert session.closed_reason == ""
    assert WebSocketSession.objects.get().closed_reason == "disconnect"


@pytest.mark.usefixtures("broken_transport")
def test_an_error_before_anybody_was_sent_to_is_not_logged(make_session, caplog):
    make_session("alice=")

    with pytest.raises(NoCredentials):
        everybody().send_message(HELLO)

    assert caplog.records == []


def test_it_takes_no_longer_than_it_may(transport, make_session, monkeypatch, caplog):
    monkeypatch.setattr(module, "LONGEST_CLOSING", 0)
    make_session("gone=")
    transport.answer("gone=", GONE)

    everybody().send_message(HELLO)

    assert "1 sessions that have gone stay open" in caplog.text
    assert WebSocketSession.objects.get().connected


def test_whoever_stops_listening_has_them_closed(transport, make_session):
    make_session("gone=")
    make_session("zoe=")
    transport.answer("gone=", GONE)
    rows = everybody()
    outcomes = rows.outcomes_of(b"{}", rows.open_pages(), seconds=5)

    next(outcomes)
    outcomes.close()

    assert not WebSocketSession.objects.get(connection_id="gone=").connected


def test_an_error_in_the_middle_says_who_had_been_sent_to(
    transport, make_session, caplog
):
    make_session("alice=")
    make_session("bob=")
    transport.answer("bob=", Outcome.FAILED)
    rows = everybody()

    def pages():
        yield from rows.open_pages()
        raise DatabaseError("no more rows")

    with pytest.raises(DatabaseError, match="no more rows"):
        rows.send_to(pages(), b"{}", 10)

    assert "A broadcast broke off: 1 sent" in caplog.text
    assert "1 failed; 1 x told to" in caplog.text
