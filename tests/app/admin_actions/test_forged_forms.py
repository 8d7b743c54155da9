"""Forms that no page of the admin has posted."""

import pytest

from django_aws_api_gateway_websockets.models import WebSocketSession

from .actions import SEND, SESSIONS, choose, send

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("key", ["x", "", "-1", "\0", "9" * 30, "1 OR 1=1", "٣"])
def test_with_keys_of_nothing_are_bad_requests(staff, transport, key):
    data = {"action": SEND, "_selected_action": key, "message": "{}"}

    assert staff.post(SESSIONS, data, secure=True).status_code == 400


def test_with_keys_of_nobody_reach_nobody(staff, sessions, transport):
    nobody = WebSocketSession(pk=sessions[-1].pk + 1_000)

    assert "Nobody was there." in send(staff, [nobody]).content.decode()
    assert transport.posts == []


@pytest.mark.parametrize("action", ["delete_selected", "disconnect", "", "\0"])
def test_with_other_actions_do_nothing(staff, sessions, action):
    choose(staff, action, sessions, post="yes", index="0")

    assert WebSocketSession.objects.filter(connected=True).count() == 3


@pytest.mark.parametrize("index", ["7", "x", "-5"])
def test_with_another_index_do_not_fail(staff, sessions, transport, index):
    answer = send(staff, sessions, index=index)

    assert answer.status_code in (200, 302)
