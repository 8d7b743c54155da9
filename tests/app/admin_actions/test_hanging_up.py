"""Staff hangs up on the sessions that are selected."""

import pytest

from django_aws_api_gateway_websockets.models import WebSocketSession

from .actions import HANG_UP, SESSIONS, choose, hang_up

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


def test_of_those_that_have_ended_says_so(staff, sessions, transport):
    WebSocketSession.objects.all().disconnect()

    hang_up(staff, sessions)

    page = staff.get(SESSIONS, secure=True).content.decode()
    assert "All of them had ended already." in page
