"""Staff hangs up on the sessions that are selected."""

import pytest
from django.db import connections, transaction

from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models import WebSocketSession, hanging_up

from .actions import HANG_UP, SESSIONS, choose, entries, hang_up

pytestmark = pytest.mark.django_db(transaction=True)


def test_asks_first(staff, sessions, transport):
    answer = choose(staff, HANG_UP, sessions, index="0")

    assert "You have selected 3 sessions; 3 are open." in answer.content.decode()
    assert transport.hung_up == []


@pytest.mark.parametrize(("fields", "reconnect"), [({}, False), ({"reconnect": "on"}, True)])  # fmt: skip
def test_says_goodbye_and_closes(staff, sessions, transport, fields, reconnect):
    answer = hang_up(staff, sessions[:2], where={"q": ""}, **fields)

    goodbye = {"type": "goodbye", "reason": "staff", "reconnect": reconnect}
    assert transport.messages_to("alice=") == [goodbye]
    assert sorted(transport.hung_up) == ["alice=", "bob="]
    closed = WebSocketSession.objects.filter(closed_reason="staff")
    assert closed.filter(connected=False).count() == 2
    assert (answer.status_code, answer.url) == (302, f"{SESSIONS}?q=")
    page = staff.get(SESSIONS, secure=True).content.decode()
    assert "2 sessions were closed and hung up on." in page


def test_of_many_pages(staff, make_session, transport):
    for number in range(150):
        make_session(f"{number}=")

    hang_up(staff, [WebSocketSession.objects.first()], across=True)

    assert len(transport.hung_up) == 150
    assert not WebSocketSession.objects.filter(connected=True).exists()


def test_of_those_that_are_closed_says_so(staff, sessions, transport):
    WebSocketSession.objects.all().disconnect()

    hang_up(staff, sessions)

    page = staff.get(SESSIONS, secure=True).content.decode()
    assert "All of them were closed already." in page


def said_to(staff):
    """The messages above the list, with their levels, and what the history says."""
    page = staff.get(SESSIONS, secure=True)
    [(_, *said)] = [entry for entry in entries() if entry[0] == "alice="]
    return [(m.level_tag, m.message) for m in page.context["messages"]], *said


def test_says_who_was_not_reached_and_why(staff, sessions, transport):
    transport.answer("alice=", Outcome.FAILED)

    hang_up(staff, sessions)

    words = "3 sessions were closed; 1 could not be hung up on; 1 x told to"
    assert said_to(staff) == (
        [("warning", words)],
        f"Hang up on 3 sessions (clients stay away): {words}",
    )


def test_says_who_was_in_a_handshake(staff, make_session, transport):
    session = make_session(age=1)
    transport.answer("alice=", Outcome.GONE)

    hang_up(staff, [session])

    words = "1 session was closed; 1 could not be hung up on; 1 x its handshake was not through yet"  # fmt: skip
    assert said_to(staff)[0] == [("warning", words)]


def test_without_credentials_says_so(staff, sessions, broken_transport):
    hang_up(staff, sessions)

    words = "3 sessions were closed; 3 could not be hung up on; 3 x There is no key"
    [(level, said)], in_history = said_to(staff)
    assert level == "warning"
    assert said.startswith(words)
    assert in_history == f"Hang up on 3 sessions (clients stay away): {said}"
    assert not WebSocketSession.objects.filter(connected=True).exists()


def test_of_a_gateway_that_is_too_slow_says_so(staff, sessions, transport, monkeypatch):
    monkeypatch.setattr(hanging_up, "LONGEST_HANG_UP", 0.0)

    hang_up(staff, sessions)

    words = (
        "3 sessions were closed; 3 could not be hung up on; "
        "3 x the gateway took longer than 0.0 seconds"
    )
    assert said_to(staff)[0] == [("warning", words)]


def test_tells_the_outcome_with_atomic_requests_too(
    staff, sessions, transport, monkeypatch
):
    for alias in connections:
        monkeypatch.setitem(connections[alias].settings_dict, "ATOMIC_REQUESTS", True)
    transport.answer("alice=", Outcome.FAILED)

    hang_up(staff, sessions)

    words = "3 sessions were closed; 1 could not be hung up on; 1 x told to"
    assert said_to(staff)[0] == [("warning", words)]


def test_in_a_transaction_does_not_say_that_it_is_done(staff, sessions, transport):
    with transaction.atomic():
        hang_up(staff, sessions)
        assert transport.hung_up == []

    words = "3 sessions were closed; clients are hung up on when the transaction commits."  # fmt: skip
    assert said_to(staff)[0] == [("warning", words)]
    assert len(transport.hung_up) == 3


def test_is_not_repeated_for_those_that_are_left(staff, sessions, transport):
    transport.answer("alice=", Outcome.FAILED, Outcome.FAILED, Outcome.SENT)
    hang_up(staff, sessions[:1])
    staff.get(SESSIONS, secure=True)

    hang_up(staff, sessions[:1])

    page = staff.get(SESSIONS, secure=True).content.decode()
    assert "All of them were closed already." in page
    assert transport.hung_up == []
