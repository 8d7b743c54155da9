"""docs/explanation/sending.md against the numbers and verdicts of the code."""

import pytest

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.messaging import (
    broadcast,
    contract,
    encoding,
    retries,
)
from django_aws_api_gateway_websockets.messaging.boto3_transport import Boto3Transport
from django_aws_api_gateway_websockets.messaging.sender import opening, overdue
from django_aws_api_gateway_websockets.messaging.sender.clock import Clock
from django_aws_api_gateway_websockets.messaging.sender.responses import Response
from django_aws_api_gateway_websockets.messaging.sender.verdicts import delivery_of
from django_aws_api_gateway_websockets.messaging.transports import make_transport
from django_aws_api_gateway_websockets.models import sending
from django_aws_api_gateway_websockets.models.recipients import HANDSHAKE_AGE
from tests.docs.pages import INLINE, ROOT, table
from tests.docs.python_blocks import python_block

PAGE = "docs/explanation/sending.md"
TEXT = (ROOT / PAGE).read_text()
WRONG_TIME = (
    b"HTTP/1.1 403 Forbidden\r\n"
    b"Date: Mon, 06 Sep 2100 09:00:00 GMT\r\n"
    b"X-Amzn-ErrorType: InvalidSignatureException"
)
EXPIRED = b"HTTP/1.1 403 Forbidden\r\nX-Amzn-ErrorType: ExpiredTokenException"


def test_the_numbers_are_those_of_the_code(settings):
    settings.WEBSOCKETS = {}

    assert [float(row[1]) for row in table(PAGE, "what")] == [
        sending.LONGEST_MESSAGE,
        sending.LONGEST_BROADCAST,
        retries.MOST_TRIES,
        overdue.MOST_SILENT_TRIES,
        retries.FIRST_PAUSE,
        retries.LONGEST_PAUSE,
        retries.PAUSE_FOR_HANDSHAKES,
        overdue.LONGEST_CALL,
        overdue.LONGEST_OPENING,
        contract.MOST_CONNECTIONS,
        conf.callbacks_per_second,
        broadcast.MOST_LISTED,
        encoding.MAX_MESSAGE_SIZE,
    ]


def test_the_numbers_in_sentences_are_those_of_the_code():
    assert opening.CALLS_FOR_A_CONNECTION == 10
    assert "one for each ten recipients\n  that wait, up to a hundred" in TEXT
    assert f"younger than {HANDSHAKE_AGE.seconds} seconds" in TEXT
    assert f"After {sending.LONGEST_MESSAGE:.0f}\nseconds for one session" in TEXT
    assert f"and {sending.LONGEST_BROADCAST:.0f} for a broadcast" in TEXT
    assert contract.TOO_LATE.reason in INLINE.findall(TEXT)
    last_reason = f"no answer in {overdue.LONGEST_CALL:g} seconds"
    assert contract.too_late(last_reason).reason in INLINE.findall(TEXT)


def verdicts() -> list[list[str]]:
    """What each row says: the outcome, and whether the call is tried again."""
    rows = TEXT.split("| tried again |\n|---|---|---|\n")[1].split("\n\n")[0]
    return [line.strip("| ").split(" | ")[1:] for line in rows.split("\n")]


@pytest.mark.parametrize(
    ("row", "statuses"),
    [
        (0, [200, 204]),
        (1, [410]),
        (3, [429]),
        (4, [500, 503, 408]),
        (6, [403, 413, 400, 302]),
    ],
)
def test_a_status_means_what_the_table_says(row, statuses):
    outcome, *again = verdicts()[row]

    for status in statuses:
        delivery = delivery_of(Response(b"", status, keeps_alive=True))
        assert outcome.startswith(f"`{delivery.outcome.value}`")
        assert delivery.is_transient == bool(again and again[0].startswith("yes"))


def test_a_403_passes_with_new_credentials_or_the_right_time():
    assert verdicts()[5] == ["`failed`", "yes, with new ones and the gateway's time"]

    assert delivery_of(Response(EXPIRED, 403, keeps_alive=True)).is_transient
    assert Clock().learn(Response(WRONG_TIME, 403, keeps_alive=True))


def test_the_other_transport_is_the_one_of_boto3():
    names = {"WEBSOCKETS": {}}
    exec(python_block(PAGE, containing="Boto3Transport"), names)

    transport = make_transport(names["WEBSOCKETS"]["transport"])
    assert isinstance(transport, Boto3Transport)
