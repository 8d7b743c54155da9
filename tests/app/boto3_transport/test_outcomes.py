"""What boto3 makes of the gateway's answers, and of none."""

from collections import Counter

import pytest

from django_aws_api_gateway_websockets.messaging.contract import (
    HANG_UP,
    Outcome,
)
from tests.app.boto3_transport.management_api import ANSWERS, HELLO, outcomes, to


@pytest.mark.parametrize("request_", [HELLO, HANG_UP], ids=["message", "hang-up"])
@pytest.mark.usefixtures("short_pauses")
def test_the_status_decides_the_outcome_and_the_tries(
    management_api, boto3_transport, address, request_
):
    by_id = outcomes(boto3_transport, to(address, *ANSWERS), [request_])

    # boto3 makes each call once: what to try again is for the schedule to say.
    calls = Counter(path.rpartition("/")[2] for _, path, _ in management_api.calls)
    assert {
        name: (delivery.outcome, delivery.reason, calls[name])
        for name, delivery in by_id.items()
    } == {
        "sent=": (Outcome.SENT, "", 1),
        "gone=": (Outcome.GONE, "HTTP 410", 1),
        "bare-gone=": (Outcome.GONE, "HTTP 410", 1),
        "large=": (Outcome.FAILED, "HTTP 413 PayloadTooLargeException", 1),
        "throttled=": (Outcome.THROTTLED, "HTTP 429 LimitExceededException", 6),
        "broken=": (Outcome.FAILED, "HTTP 500", 6),
        "late=": (Outcome.FAILED, "HTTP 408", 6),
        "bad=": (
            Outcome.FAILED,
            "HTTP 400 BadRequestException: Invalid connectionId",
            1,
        ),
    }


@pytest.mark.usefixtures("short_pauses")
def test_what_passes_is_sent_in_the_end(management_api, boto3_transport, address):
    throttled, broken, gone = (
        ANSWERS[name] for name in ("throttled=", "broken=", "gone=")
    )
    management_api.answers = {
        "patient=": [throttled, broken, throttled],
        "connecting=": [gone],
    }

    by_id = outcomes(
        boto3_transport,
        to(address, "patient=", "connecting=", may_be_connecting=True),
    )

    assert {delivery.outcome for delivery in by_id.values()} == {Outcome.SENT}
    paths = Counter(path.rpartition("/")[2] for _, path, _ in management_api.calls)
    assert paths == {"patient=": 4, "connecting=": 2}


def test_a_message_arrives_as_it_is(management_api, boto3_transport, address):
    [delivery] = outcomes(boto3_transport, to(address, "sent=")).values()

    assert management_api.calls == [
        ("POST", "/production/@connections/sent=", '{"a":"é"}'.encode())
    ]
    metadata = delivery.response["ResponseMetadata"]
    assert (metadata["HTTPStatusCode"], metadata["RetryAttempts"]) == (200, 0)
    assert metadata["RequestId"] == "request-1"
    assert metadata["HTTPHeaders"]["content-length"] == "0"


def test_goodbye_is_said_before_the_connection_is_hung_up(
    management_api, boto3_transport, address
):
    names = [f"{number}=" for number in range(25)]

    by_id = outcomes(boto3_transport, to(address, *names), [HELLO, HANG_UP])

    assert {delivery.outcome for delivery in by_id.values()} == {Outcome.SENT}
    for name in names:
        path = f"/production/@connections/{name}"
        assert [call[:2] for call in management_api.calls if call[1] == path] == [
            ("POST", path),
            ("DELETE", path),
        ]


@pytest.mark.usefixtures("short_pauses")
def test_a_refused_connection_is_a_failure(boto3_transport):
    [delivery] = outcomes(
        boto3_transport, to("http://127.0.0.1:1/production", "sent=")
    ).values()

    assert delivery.outcome is Outcome.FAILED
    assert delivery.reason == "EndpointConnectionError"
    assert delivery.is_transient


def test_an_address_that_is_none_stops_nobody_else(boto3_transport, address):
    by_id = outcomes(
        boto3_transport, [*to("no address", "lost="), *to(address, "sent=")]
    )

    assert by_id["sent="].outcome is Outcome.SENT
    assert by_id["lost="].outcome is Outcome.FAILED
    assert by_id["lost="].reason == "Invalid endpoint: no address"
