"""A large broadcast from the queue to the wire: the function and the fast sender together."""

import boto3
import pytest

from django_aws_api_gateway_websockets.messaging import schedule
from django_aws_api_gateway_websockets.messaging.sender import Sender, opening
from django_aws_api_gateway_websockets.messaging.transports import current_transport
from django_aws_api_gateway_websockets.models import (
    ApiGateway,
    WebSocketSession,
    broadcasts,
)
from tests.app.small_gateway import running_gateway
from tests.large_broadcasts import (
    REGION,
    Queues,
    environment,
    make_sessions,
    progress,
    send,
    use_queue,
)
from tests.ports import free_port

pytestmark = pytest.mark.django_db(transaction=True)

SCOPE = f"/{REGION}/execute-api/aws4_request"
BODY = b'{"type":"news"}'
THROTTLED_FOR_ONE_TURN = [*[429] * schedule.MOST_TRIES, 200]


@pytest.fixture(scope="module")
def sqs_client(sqs_address):
    with environment(sqs_address):
        client = boto3.client("sqs", region_name=REGION)
        yield client
        client.close()


@pytest.fixture
def queues(sqs_client, monkeypatch, settings):
    """Of ten in a shard, whom the transport reaches that a project has by default."""
    monkeypatch.setattr(broadcasts, "SESSIONS_IN_A_SHARD", 10)
    monkeypatch.setattr(schedule, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(opening, "FIRST_PAUSE", 0.001)
    queues = Queues(sqs_client)
    use_queue(settings, queues.url)
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
