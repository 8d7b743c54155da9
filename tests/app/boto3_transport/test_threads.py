"""How many calls boto3 makes at once, how fast, and until when."""

from contextlib import closing
from threading import Event
from time import monotonic, sleep

import pytest

from django_aws_api_gateway_websockets.exceptions import NoCredentials
from django_aws_api_gateway_websockets.messaging.boto3_transport import CallsInThreads
from django_aws_api_gateway_websockets.messaging.contract import (
    TOO_LATE,
    Delivery,
    Outcome,
    Recipient,
)
from django_aws_api_gateway_websockets.messaging.pace import Pace
from django_aws_api_gateway_websockets.messaging.turns import outcomes_of, schedule_for
from tests.app.boto3_transport.management_api import HELLO, outcomes, to


def test_an_endpoint_that_hangs_leaves_the_others_theirs(
    management_api, boto3_transport, address
):
    hanging = [
        Recipient(number, "slow=", address, may_be_connecting=False)
        for number in range(30)
    ]
    others = to(address + "/other", *(f"{number}=" for number in range(30)))
    for url in (address, address + "/other"):
        boto3_transport.client_for(url)  # which takes a while

    told = boto3_transport.perform([*hanging, *others], [HELLO], seconds=4)
    with closing(told):
        first = [next(told) for _ in others]

    assert {recipient for recipient, _ in first} == set(others)
    assert {delivery.outcome for _, delivery in first} == {Outcome.SENT}


def test_who_is_not_answered_in_time_is_told_so(
    management_api, boto3_transport, address
):
    boto3_transport.client_for(address)  # which takes a while
    begin = monotonic()

    by_id = outcomes(boto3_transport, to(address, "sent=", "slow="), seconds=1)

    assert by_id["sent="].outcome is Outcome.SENT
    assert by_id["slow="] is TOO_LATE
    assert monotonic() - begin < 3


def test_who_was_sent_to_before_the_key_was_missing_is_told_of():
    both_are_under_way, has_failed = Event(), Event()

    def make(call):
        if call.recipient.connection_id == "bob=":
            both_are_under_way.wait(10)
            has_failed.set()
            raise NoCredentials("There is no key")
        both_are_under_way.set()
        has_failed.wait(10)
        sleep(0.2)
        return Delivery(Outcome.SENT)

    recipients = to("https://socket.example", "alice=", "bob=", "carol=")
    schedule = schedule_for(recipients, [HELLO], seconds=10, pace=Pace(0))
    told = []

    with pytest.raises(NoCredentials):
        told.extend(outcomes_of(schedule, CallsInThreads(schedule, make, most=2)))

    assert [recipient.connection_id for recipient, _ in told] == ["alice="]


def test_no_more_than_so_many_calls_are_under_way(
    management_api, boto3_transport, address
):
    boto3_transport.client_for(address)  # which takes a while

    told = boto3_transport.perform(
        to(address, *["slow="] * 9), [HELLO], seconds=1, connections=2
    )

    assert {delivery for _, delivery in told} == {TOO_LATE}
    assert 0 < len(management_api.calls) <= 2


def test_calls_keep_their_pace(settings, boto3_transport, address):
    boto3_transport.client_for(address)  # which takes a while
    settings.WEBSOCKETS = {**settings.WEBSOCKETS, "callbacks_per_second": 100}
    begin = monotonic()

    outcomes(boto3_transport, to(address, *(f"{number}=" for number in range(30))))

    # Ten may come at once, and the others each take a hundredth of a second.
    assert monotonic() - begin > 0.15


def test_each_address_has_one_client(boto3_transport, address):
    first = boto3_transport.client_for(address)

    assert boto3_transport.client_for(address) is first
    assert boto3_transport.client_for(address + "2") is not first
