"""A large broadcast from the queue to the wire: the function and the fast sender together."""

import pytest

from django_aws_api_gateway_websockets.messaging import retries
from django_aws_api_gateway_websockets.messaging.sender import Sender, opening
from django_aws_api_gateway_websockets.messaging.transports import current_transport
from django_aws_api_gateway_websockets.models import ApiGateway, WebSocketSession
from tests.app.small_gateway import running_gateway
from tests.large_broadcasts import (
    MOST_RECEIVES,
    REGION,
    make_sessions,
    progress,
    redrive,
    send,
    shards,
)
from tests.ports import free_port

pytestmark = pytest.mark.django_db(transaction=True)

SCOPE = f"/{REGION}/execute-api/aws4_request"
BODY = b'{"type":"news"}'
THROTTLED_FOR_ONE_TURN = [*[429] * retries.MOST_TRIES, 200]


@pytest.fixture
def queues(queues, monkeypatch, settings):
    """Whom the transport reaches that a project has by default."""
    monkeypatch.setattr(retries, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(opening, "FIRST_PAUSE", 0.001)
    del settings.WEBSOCKETS["transport"]
    sender = current_transport()
    assert isinstance(sender, Sender)
    yield queues
    sender.close()


def reach(port):
    """Let the only gateway of the site be on this port."""
    ApiGateway.objects.update(callback_url=f"http://127.0.0.1:{port}/production")


def test_each_client_gets_the_message_once_in_signed_calls(queues):
    with running_gateway() as gateway:
        reach(gateway.server_port)
        everybody = make_sessions(25)
        gateway.answer("client-3=", 410)
        gateway.answer("client-7=", 500, 429, 200)

        assert send().queued == 25
        assert gateway.calls == []
        assert queues.poll() == []

    assert gateway.bodies == {
        each: [BODY] * (3 if each == "client-7=" else 1) for each in everybody
    }
    assert all(SCOPE in call.headers["authorization"] for call in gateway.calls)
    assert progress()[:6] == (24, 1, 0, 0, 0, 0)
    gone = WebSocketSession.objects.get(connected=False)
    assert (gone.connection_id, gone.closed_reason) == ("client-3=", "gone")


def test_the_next_turn_calls_only_those_who_were_throttled(queues):
    with running_gateway() as gateway:
        reach(gateway.server_port)
        make_sessions(25)
        gateway.answer("client-3=", *THROTTLED_FOR_ONE_TURN)

        send()
        assert len(queues.poll()) == 1
        assert (progress().sent, progress().waiting) == (24, 1)
        gateway.calls.clear()
        queues.time_passes()
        assert queues.poll() == []

    assert gateway.bodies == {"client-3=": [BODY]}
    assert progress().sent == 25


def test_an_outage_costs_a_turn_and_nobody(queues):
    port = free_port()
    reach(port)
    everybody = make_sessions(25)

    send()
    assert len(queues.poll()) == 3
    assert progress().waiting == 25
    queues.time_passes()
    with running_gateway(port) as gateway:
        assert queues.poll() == []

    assert gateway.bodies == {each: [BODY] for each in everybody}
    assert progress().sent == 25


def test_a_role_without_the_right_leaves_everybody_waiting_until_it_is_mended(queues):
    everybody = make_sessions(25)
    with running_gateway() as gateway:
        reach(gateway.server_port)
        for each in everybody:
            gateway.answer(each, 403)
        send()
        for _turn in range(MOST_RECEIVES + 1):
            queues.poll()
            queues.time_passes()

        assert progress() == (0, 0, 0, 0, 25, 0, 0, 3)
        assert {each.last_reason for each in shards()} == {
            "HTTP 403 ForbiddenException"
        }
        assert queues.waiting(queues.dead_letters) == 3
        gateway.calls.clear()
        gateway.statuses.clear()
        assert "from the dead-letter queue: 3" in redrive()
        assert queues.poll() == []

    assert gateway.bodies == {each: [BODY] for each in everybody}
    assert progress().sent == 25


def test_what_is_refused_to_one_recipient_has_failed(queues):
    with running_gateway() as gateway:
        reach(gateway.server_port)
        make_sessions(25)
        gateway.answer("client-3=", 400)

        send()
        assert queues.poll() == []

    assert progress() == (24, 0, 0, 1, 0, 0, 3, 3)


def test_connections_are_kept_from_one_event_to_the_next(queues):
    with running_gateway() as gateway:
        reach(gateway.server_port)
        make_sessions(50)
        events = 0

        send()
        while (event := queues.event(most=1))["Records"]:
            assert queues.invoke(event) == []
            events += 1

    assert (events, len(gateway.calls)) == (5, 50)
    assert gateway.connections <= 2  # as many as ten calls are worth
