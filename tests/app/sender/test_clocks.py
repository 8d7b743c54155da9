"""A gateway whose clock differs from ours."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from time import sleep

import pytest

from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.messaging.retries import MOST_TRIES
from tests.app.sender.broadcasts import names, outcomes, send_one, send_to
from tests.app.sender.scripted_server import always, refusal, response

SENT = {Outcome.SENT}


class OtherClock:
    """A gateway for which it is another time, and signatures are good for 5 minutes."""

    def __init__(self, ahead, kind="InvalidSignatureException"):
        self.ahead = ahead
        self.kind = kind
        self.refused = 0

    def __call__(self, peer):
        while asked := peer.read():
            now = datetime.now(UTC) + self.ahead
            at = datetime.strptime(
                asked.headers["x-amz-date"] + "+0000", "%Y%m%dT%H%M%SZ%z"
            )
            date = format_datetime(now, usegmt=True)
            sleep(0.002)
            if abs(now - at) > timedelta(minutes=5):
                self.refused += 1
                peer.say(refusal(self.kind, Date=date))
            else:
                assert asked.headers["authorization"].split("/")[1] == f"{at:%Y%m%d}"
                peer.say(response(Date=date))


@pytest.mark.parametrize(
    "ahead",
    [
        timedelta(hours=1),
        timedelta(hours=-1),
        timedelta(minutes=-6),
        timedelta(days=400),
        timedelta(days=-15_000),
    ],
)
@pytest.mark.parametrize(
    "kind",
    ["InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed"],
)
def test_the_gateways_time_is_learned(serve, sender, ahead, kind):
    gateway = OtherClock(ahead, kind)
    server = serve(gateway)

    assert outcomes(send_to(sender, server.url, names(50))) == SENT
    refused = gateway.refused
    assert 1 <= refused <= 50
    assert outcomes(send_to(sender, server.url, names(50))) == SENT

    assert gateway.refused == refused


def test_by_all_calls_that_are_under_way(serve, sender):
    gateway = OtherClock(timedelta(0))
    server = serve(gateway)
    assert outcomes(send_to(sender, server.url, names(300))) == SENT
    gateway.ahead = timedelta(hours=1)

    assert outcomes(send_to(sender, server.url, names(300))) == SENT

    assert 20 <= gateway.refused <= 150


def test_and_learned_again_when_it_changes(serve, sender):
    gateway = OtherClock(timedelta(hours=-5))
    server = serve(gateway)
    for hours in (-5, 0, 3):
        gateway.ahead = timedelta(hours=hours)

        assert outcomes(send_to(sender, server.url, names(20))) == SENT


@pytest.mark.parametrize(
    "date",
    [
        "",
        "now",
        "Tue, 24 Nov 2026",
        "Tue, 24 Nov 9999 23:59:59 -2359",
        "Tue, 24 Nov 99999 23:59:59 GMT",
        "Tue, 24 Nov 2026 14:00:00 +9999999999999999999999999",
        "Tue, 24 Nov 2026 14:00:00 +99999999",
        "Tue, 99 Nov 2026 99:99:99 GMT",
        "\xff",
    ],
)
def test_a_gateway_that_does_not_say_the_time_is_not_asked_again(serve, sender, date):
    server = serve(always(refusal(Date=date)))

    for _ in range(2):
        delivery = send_one(sender, server.url)

        assert (delivery.outcome, delivery.is_transient) == (Outcome.FAILED, False)
    assert len(server.asked) == 2


def test_a_wrong_key_at_a_gateway_of_another_time_is_tried_a_few_times(serve, sender):
    def script(peer):
        while peer.read():
            theirs = datetime.now(UTC) + timedelta(hours=1)
            peer.say(refusal(Date=format_datetime(theirs, usegmt=True)))

    server = serve(script)

    assert send_one(sender, server.url).outcome is Outcome.FAILED
    assert len(server.asked) <= MOST_TRIES
