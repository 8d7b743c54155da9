"""Staff sends to the sessions that are selected, and hears what came of it."""

import pytest
from django.db import connections

from django_aws_api_gateway_websockets.admin import audit, large_tables
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models import Broadcast, WebSocketSession
from tests.large_broadcasts import use_queue

from .actions import NOTICE, SEND, choose, entries, lines, send

pytestmark = pytest.mark.django_db(transaction=True)


def test_asks_for_the_message_first(staff, sessions, transport):
    answer = choose(staff, SEND, sessions[:2], index="0")

    page = answer.content.decode()
    assert "You have selected 2 sessions; 2 are open." in page
    for session in sessions[:2]:
        assert f'name="_selected_action" value="{session.pk}"' in page
    assert f'name="action" value="{SEND}"' in page
    assert "csrfmiddlewaretoken" in page
    assert transport.posts == []
    assert entries() == []


def test_reaches_the_selected_and_nobody_else(staff, sessions, transport):
    answer = send(staff, sessions[:2])

    assert lines(answer) == {"sent": 2}
    assert [transport.messages_to(f"{n}=") for n in ("alice", "bob", "carol")] == [
        [NOTICE],
        [NOTICE],
        [],
    ]


def test_shows_each_outcome_with_reasons(staff, make_session, transport):
    outcomes = (
        *(Outcome.SENT, Outcome.GONE, Outcome.CONNECTING),
        *(Outcome.THROTTLED, Outcome.FAILED),
    )
    sessions = [make_session(f"{outcome.value}=") for outcome in outcomes]
    sessions.append(make_session("closed=", connected=False))
    for outcome in outcomes:
        transport.answer(f"{outcome.value}=", outcome)
    made_now = make_session("connecting2=", age=0)
    transport.answer("connecting2=", Outcome.GONE)
    transport.answer("connecting=", Outcome.SENT)

    answer = send(staff, [*sessions, made_now])

    assert lines(answer) == {
        "sent": 2, "gone": 1, "connecting": 1, "throttled": 1, "failed": 1,
        "not open": 1,
    }  # fmt: skip
    page = answer.content.decode()
    assert {each.connection_id for each in answer.context["failures"]} == {
        "throttled=",
        "failed=",
    }
    assert "told to" in page


def test_a_session_that_was_closed_meanwhile_is_said_to_be(staff, sessions, transport):
    choose(staff, SEND, sessions, index="0")
    WebSocketSession.objects.all().disconnect()

    answer = send(staff, sessions)

    assert lines(answer) == {"not open": 3}
    assert transport.messages_to("alice=") == [
        {"type": "goodbye", "reason": "staff", "reconnect": False}
    ]


def test_reaches_all_that_are_found_over_all_pages(staff, make_session, transport):
    for number in range(150):
        make_session(f"{number}=")
    make_session("elsewhere=", channel_name="kitchen")
    first = WebSocketSession.objects.first()
    where = {"channel_name": "lobby"}

    page = choose(staff, SEND, [first], across=True, where=where, index="0")
    answer = send(staff, [first], across=True, where=where)

    assert "You have selected 150 sessions" in page.content.decode()
    assert 'name="select_across" value="1"' in page.content.decode()
    assert lines(answer) == {"sent": 150}
    assert transport.messages_to("elsewhere=") == []


def test_says_more_than_where_they_are_too_many_to_be_counted(
    staff, sessions, transport, monkeypatch
):
    monkeypatch.setattr(large_tables, "MOST_COUNTED", 2)
    monkeypatch.setattr(audit, "MOST_NAMED", 1)

    answer = send(staff, sessions[:1], across=True)

    assert lines(answer) == {"sent": 3}
    assert "more than 2 sessions" in answer.content.decode()
    assert entries()[0][0] == "more than 2 sessions"


def test_leads_to_the_broadcast_where_a_queue_delivers(
    staff, make_session, transport, queues
):
    sessions = [make_session(f"{number}=") for number in range(12)]

    answer = send(staff, sessions)

    broadcast = Broadcast.objects.get()
    assert lines(answer) == {"queued": 12}
    url = f"/admin/django_aws_api_gateway_websockets/broadcast/{broadcast.pk}/"
    assert f'href="{url}change/"' in answer.content.decode()
    assert entries()[0][1].endswith(f"12 queued, broadcast {broadcast.pk}")


def test_says_that_the_queue_did_not_take_it(staff, make_session, settings, queues):
    use_queue(settings, f"{queues.url}-nowhere")
    sessions = [make_session(f"{number}=") for number in range(12)]

    answer = send(staff, sessions)

    page = answer.content.decode()
    assert "redrive_broadcasts" in page
    assert f"broadcast/{Broadcast.objects.get().pk}/change/" in page
    assert "failed: 0 of the 12" in entries()[0][1]


def test_says_that_nothing_can_be_sent_at_all(staff, sessions, broken_transport):
    answer = send(staff, sessions[:1])

    assert answer.status_code == 200
    assert "There is no key" in answer.content.decode()
    assert entries()[0][1].endswith("in the setting AWS_IAM_PROFILE")


def test_tells_the_outcome_with_atomic_requests_too(
    staff, sessions, transport, monkeypatch
):
    for alias in connections:
        monkeypatch.setitem(connections[alias].settings_dict, "ATOMIC_REQUESTS", True)

    assert lines(send(staff, sessions)) == {"sent": 3}
