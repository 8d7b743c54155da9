"""The same event twice, and two events at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from django_aws_api_gateway_websockets.models import WebSocketSession
from tests.gateway import ALICE, Gateway, session

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*events):
    """The statuses of the answers, in the order of the events."""
    barrier = Barrier(len(events))

    def call(event):
        gateway = Gateway()
        barrier.wait()
        try:
            return event(gateway).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(events)) as threads:
        return list(threads.map(call, events))


def test_of_ten_connects_of_one_id_one_is_accepted():
    statuses = at_once(*[lambda gateway: gateway.connect()] * 10)

    assert sorted(statuses) == [200] + [400] * 9
    assert session().connected


@pytest.mark.parametrize("_attempt", range(5))
def test_a_connect_and_its_disconnect_leave_a_closed_row(_attempt):
    connected, disconnected = at_once(
        lambda gateway: gateway.connect(), lambda gateway: gateway.disconnect()
    )

    assert connected in {200, 400}
    assert disconnected == 200
    assert not session().connected
    assert session().closed_reason == "disconnect"


def test_ten_disconnects_leave_one_row():
    assert at_once(*[lambda gateway: gateway.disconnect()] * 10) == [200] * 10
    assert WebSocketSession.objects.get().closed_reason == "disconnect"


def test_no_message_is_lost_from_the_count():
    Gateway().connect(ALICE)

    at_once(*[lambda gateway: gateway.message({"handler": "ping"})] * 10)

    assert session().request_count == 10
