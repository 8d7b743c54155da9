"""boto3's own client and the fast sender make the same calls and draw the same conclusions."""

import time
from collections.abc import Sequence

import pytest

from django_aws_api_gateway_websockets.messaging import retries
from django_aws_api_gateway_websockets.messaging.boto3_transport import Boto3Transport
from django_aws_api_gateway_websockets.messaging.contract import (
    HANG_UP,
    Outcome,
    Recipient,
    Request,
)
from django_aws_api_gateway_websockets.messaging.sender import Sender
from tests.app.small_gateway import DROPPED, ERROR_TYPES, running_gateway
from tests.aws_environment import replace_aws_environment

POST = Request("POST", '{"text":"é"}'.encode())
SENT, GONE, FAILED = Outcome.SENT, Outcome.GONE, Outcome.FAILED


BOTH = ("fast_sender", "boto3_client")


@pytest.fixture(scope="module")
def gateway():
    with running_gateway() as gateway:
        yield gateway


@pytest.fixture(scope="module")
def fast_sender(gateway):
    sender = Sender()
    yield sender
    sender.close()


@pytest.fixture(scope="module")
def boto3_client(gateway):
    transport = Boto3Transport()
    yield transport
    for client in transport.clients.values():
        client.close()


@pytest.fixture(autouse=True)
def surroundings(monkeypatch):
    replace_aws_environment(monkeypatch)
    monkeypatch.setattr(retries, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(retries, "LONGEST_PAUSE", 0.001)
    monkeypatch.setattr(retries, "PAUSE_FOR_HANDSHAKES", 0.001)


@pytest.fixture
def effects(request, gateway):
    """What comes of requests, and the calls that are made."""

    def effects(
        transport: str,
        connection_id: str = "alice=",
        requests: Sequence[Request] = (POST,),
        *,
        answers: Sequence[int] = (200,),
        may_be_connecting: bool = False,
    ):
        gateway.calls.clear()
        gateway.answer(connection_id, *answers)
        recipient = Recipient(
            1, connection_id, gateway.callback_url, may_be_connecting=may_be_connecting
        )
        sending = request.getfixturevalue(transport)
        [(_, delivery)] = sending.perform([recipient], requests, seconds=10)
        return (
            (delivery.outcome, delivery.reason, delivery.is_transient),
            list(gateway.calls),
        )

    return effects


@pytest.mark.parametrize(
    ("status", "outcome", "calls"),
    [
        (200, SENT, 1),
        (204, SENT, 1),
        (400, FAILED, 1),
        (403, FAILED, 1),
        (404, FAILED, 1),
        (408, FAILED, 6),
        (410, GONE, 1),
        (413, FAILED, 1),
        (429, Outcome.THROTTLED, 6),
        (500, FAILED, 6),
        (502, FAILED, 6),
        (503, FAILED, 6),
        (504, FAILED, 6),
    ],
)
@pytest.mark.parametrize("transport", BOTH)
def test_a_status_means_the_same_to_both(effects, transport, status, outcome, calls):
    told, made = effects(transport, answers=[status])

    error_type = "" if outcome is GONE else ERROR_TYPES.get(status, "")
    reason = "" if outcome is SENT else f"HTTP {status} {error_type}".rstrip()
    assert told == (outcome, reason, calls == 6)
    assert len(made) == calls


@pytest.mark.parametrize("transport", BOTH)
@pytest.mark.parametrize("error_type", ["ExpiredTokenException", "ExpiredToken"])
def test_credentials_that_have_expired_may_be_new_by_the_next_try(
    effects, transport, error_type, monkeypatch
):
    monkeypatch.setitem(ERROR_TYPES, 403, error_type)

    told, made = effects(transport, answers=[403])
    assert told == (FAILED, f"HTTP 403 {error_type}", True)
    assert len(made) == 6

    told, made = effects(transport, answers=[403, 200])
    assert told[0] is SENT
    assert len(made) == 2


@pytest.mark.parametrize("transport", BOTH)
def test_another_rate_in_the_settings_is_that_of_the_next_message(
    effects, request, gateway, settings, transport
):
    def seconds_for_thirty():
        recipients = [
            Recipient(each, f"{each}=", gateway.callback_url) for each in range(30)
        ]
        begin = time.monotonic()
        told = list(sending.perform(recipients, [POST], seconds=10))
        assert {delivery.outcome for _, delivery in told} == {SENT}
        return time.monotonic() - begin

    effects(transport)
    sending = request.getfixturevalue(transport)

    settings.WEBSOCKETS = {**settings.WEBSOCKETS, "callbacks_per_second": 50}
    # Five may come at once, and the others each take a fiftieth of a second.
    assert seconds_for_thirty() > 0.4
    settings.WEBSOCKETS = {**settings.WEBSOCKETS, "callbacks_per_second": 0}
    assert seconds_for_thirty() < 0.4


@pytest.mark.parametrize("transport", BOTH)
@pytest.mark.parametrize("fault", [DROPPED, 429, 500])
def test_what_passes_is_tried_again_by_both(effects, transport, fault):
    told, made = effects(transport, answers=[fault, fault, 200])

    assert told == (SENT, "", False)
    assert [call.body for call in made] == [POST.body] * 3


@pytest.mark.parametrize("transport", BOTH)
@pytest.mark.parametrize(
    ("answers", "outcome"),
    [([410, 200], SENT), ([410, 410], Outcome.CONNECTING)],
)
def test_who_may_be_connecting_is_asked_twice_by_both(
    effects, transport, answers, outcome
):
    told, made = effects(transport, answers=answers, may_be_connecting=True)

    assert told[0] is outcome
    assert len(made) == 2


@pytest.mark.parametrize("transport", BOTH)
def test_who_is_gone_is_not_hung_up_on_by_either(effects, transport):
    told, made = effects(transport, requests=[POST, HANG_UP], answers=[410])

    assert told == (GONE, "HTTP 410", False)
    assert [call.method for call in made] == ["POST"]


@pytest.mark.parametrize(
    "connection_id",
    ["gbgBRs9dGQAYKEh7VA==", "a b", "a/b", "%41", "a?b#c", "é🙂", "~._-*'()!,;:@&$+"],
)
def test_both_make_the_same_calls(effects, connection_id):
    (_, fast), (_, of_boto3) = (
        effects(transport, connection_id, [POST, HANG_UP]) for transport in BOTH
    )

    assert [call.method for call in fast] == ["POST", "DELETE"]
    for ours, theirs in zip(fast, of_boto3, strict=True):
        assert (ours.method, ours.path, ours.body, ours.signed) == (
            theirs.method,
            theirs.path,
            theirs.body,
            theirs.signed,
        )
        assert ours.connection_id == connection_id
