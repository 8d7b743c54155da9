"""How many calls boto3 makes at once, how fast, and until when."""

from contextlib import closing
from time import monotonic

from django_aws_api_gateway_websockets.messaging.contract import (
    TOO_LATE,
    Outcome,
    Recipient,
)
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
