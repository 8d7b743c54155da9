"""A gateway that answers slowly, or not at all, while many are hung up on."""

import time

import pytest

from django_aws_api_gateway_websockets.messaging.contract import (
    HANG_UP,
    Delivery,
    Outcome,
)
from django_aws_api_gateway_websockets.messaging.memory_transport import (
    MemoryTransport,
)
from django_aws_api_gateway_websockets.messaging.transports import current_transport
from django_aws_api_gateway_websockets.models import WebSocketSession, hanging_up
from tests.app.lobby import GONE, everybody

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 60


class RecordingTransport(MemoryTransport):
    def clear(self):
        super().clear()
        self.calls = []

    def call(self, recipient, request):
        kind = "hang up" if request == HANG_UP else "goodbye"
        self.calls.append((kind, recipient.connection_id))
        return super().call(recipient, request)


class SlowTransport(RecordingTransport):
    def call(self, recipient, request):
        if request != HANG_UP:
            time.sleep(0.05)
        return super().call(recipient, request)


class DeadTransport(RecordingTransport):
    """Each call is a time-out."""

    def next_delivery(self, connection_id):
        return Delivery(Outcome.FAILED, "ReadTimeoutError", is_transient=True)


class RefusingTransport(RecordingTransport):
    """Whoever calls may not, now or later."""

    def next_delivery(self, connection_id):
        return Delivery(Outcome.FAILED, "HTTP 403")


@pytest.fixture
def use(settings):
    def use(transport):
        settings.WEBSOCKETS = {
            **settings.WEBSOCKETS,
            "transport": f"{__name__}.{transport.__name__}",
        }
        return current_transport()

    return use


@pytest.fixture
def short_deadline(monkeypatch):
    monkeypatch.setattr(hanging_up, "LONGEST_HANG_UP", 0.1)


def make_many(make_session, **fields):
    for number in range(MANY):
        make_session(f"client-{number}=", **fields)


def test_who_has_heard_goodbye_is_hung_up_on_before_all_have_heard_it(
    make_session, use
):
    transport = use(RecordingTransport)
    make_many(make_session)

    everybody().disconnect()

    kinds = [kind for kind, _ in transport.calls]
    last_goodbye = len(kinds) - 1 - kinds[::-1].index("goodbye")
    assert kinds.index("hang up") < last_goodbye
    assert kinds.count("hang up") == MANY


def test_no_call_is_begun_after_the_deadline(make_session, use, short_deadline, caplog):
    transport = use(SlowTransport)
    make_many(make_session)

    assert everybody().disconnect() == MANY

    rest = MANY - len(transport.hung_up)
    assert rest > 0
    [record] = caplog.records
    assert record.getMessage() == (
        f"{rest} more connections are closed (staff) and were not hung up on: "
        "the gateway took longer than 0.1 seconds"
    )
    assert not WebSocketSession.objects.filter(connected=True).exists()


def test_each_call_that_is_refused_is_made_once(make_session, use, caplog):
    transport = use(RefusingTransport)
    make_session(age=1)

    everybody().disconnect()

    assert transport.calls == [("goodbye", "alice="), ("hang up", "alice=")]
    assert "could not be hung up on: HTTP 403" in caplog.text


def test_each_call_that_is_not_answered_is_made_six_times(make_session, use, caplog):
    transport = use(DeadTransport)
    make_session(age=1)

    everybody().disconnect()

    assert transport.calls == [("goodbye", "alice=")] * 6 + [("hang up", "alice=")] * 6
    [record] = caplog.records
    assert record.getMessage() == (
        "Connection alice= is closed (staff) and could not be hung up on: "
        "ReadTimeoutError"
    )


def test_of_many_each_that_may_be_in_its_handshake_is_asked_twice(
    make_session, transport
):
    names = [f"client-{number}=" for number in range(15)]
    for name in names:
        make_session(name, age=1)
        transport.answer(name, GONE, Outcome.SENT)

    everybody().disconnect()

    assert sorted(transport.hung_up) == sorted(names)
    assert len(transport.posts) == 2 * len(names)
