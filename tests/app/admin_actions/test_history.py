"""All that staff has done is recorded."""

import pytest

from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models import WebSocketSession

from .actions import HISTORY, SESSIONS, entries, hang_up, send

pytestmark = pytest.mark.django_db(transaction=True)


def test_says_what_was_sent_with_which_outcome_by_whom(staff, sessions, transport):
    transport.answer("bob=", Outcome.FAILED)

    send(staff, sessions)

    text = '{"type":"notice","text":"Café at <noon>"}'
    said = f"Message {text} to 3 sessions: 2 sent, 1 failed; 1 x told to"
    assert sorted(entries()) == [(f"{n}=", said) for n in ("alice", "bob", "carol")]
    url = f"{SESSIONS}{sessions[0].pk}/history/"
    for page in (staff.get(url, secure=True), staff.get(HISTORY, secure=True)):
        assert "2 sent, 1 failed" in page.content.decode()
        assert "Café at &lt;noon&gt;" in page.content.decode()
        assert "admin" in page.content.decode()


def test_says_on_whom_was_hung_up(staff, sessions, transport):
    sessions[0].disconnect()

    hang_up(staff, sessions, reconnect="on")

    words = "2 sessions were closed and hung up on."
    said = f"Hang up on 3 sessions (clients may connect again): {words}"
    assert entries() == [(f"{n}=", said) for n in ("carol", "bob", "alice")]


def test_has_one_entry_for_many(staff, make_session, transport):
    for number in range(101):
        make_session(f"{number}=")

    send(staff, [WebSocketSession.objects.first()], across=True)

    [(name, said)] = entries()
    assert name == "101 sessions"
    assert said.endswith("to 101 sessions: 101 sent")
    assert "101 sent" in staff.get(HISTORY, secure=True).content.decode()
    assert (
        "101 sent"
        not in staff.get(
            f"{SESSIONS}{WebSocketSession.objects.first().pk}/history/", secure=True
        ).content.decode()
    )
    assert "101 sessions" in staff.get("/admin/", secure=True).content.decode()


def test_has_not_the_whole_of_a_long_message(staff, sessions, transport):
    send(staff, sessions[:1], {"text": "x" * 100_000})

    [(_, said)] = entries()
    assert len(said) < 600
    assert "…" in said


class InterruptedTransport:
    def perform(self, recipients, requests, *, seconds, connections=1):
        raise KeyboardInterrupt


def test_has_an_entry_whatever_happens(staff, sessions, settings):
    settings.WEBSOCKETS = {
        **settings.WEBSOCKETS,
        "transport": f"{__name__}.InterruptedTransport",
    }

    with pytest.raises(KeyboardInterrupt):
        send(staff, sessions[:1])

    assert entries()[0][1].endswith("to 1 session: under way")


def test_is_paged(staff, sessions, transport):
    for _ in range(34):
        send(staff, sessions)

    first = staff.get(HISTORY, secure=True).content.decode()
    second = staff.get(f"{HISTORY}?p=2", secure=True).content.decode()

    assert first.count("3 sent") == 100
    assert second.count("3 sent") == 2
    assert "102 entries" in second
    for page in ("x", "0", "9" * 30):
        url = f"{HISTORY}?p={page}"
        assert staff.get(url, secure=True).status_code == 200


def test_is_empty_at_first(staff):
    assert "Nobody has sent" in staff.get(HISTORY, secure=True).content.decode()
