"""An account's quota is kept, whatever else the broadcast could do."""

import pytest

from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.messaging.sender import Sender
from tests.app.sender.broadcasts import Stopwatch, names, outcomes, send_to
from tests.app.sender.scripted_server import always, response, taking_all

RATE = 200  # calls a second
BURST = 0.1  # seconds' worth of calls that may come at once


@pytest.fixture
def slow_sender(settings):
    settings.WEBSOCKETS = {**settings.WEBSOCKETS, "callbacks_per_second": RATE}
    sender = Sender()
    yield sender
    sender.close()


def test_no_more_are_called_in_any_time_than_the_setting_says(serve, slow_sender):
    server = serve(taking_all)

    with Stopwatch() as watch:
        deliveries = send_to(slow_sender, server.url, names(100))

    assert outcomes(deliveries) == {Outcome.SENT}
    at = sorted(asked.at for asked in server.asked)
    for first in range(100):
        for last in range(first, 100):
            # What was sent in time may be read late, by as much as a burst.
            most = RATE * (at[last] - at[first] + 2 * BURST) + 2
            assert last - first + 1 <= most
    assert watch.seconds >= (100 - 1) / RATE - BURST


def test_tries_count_like_all_calls(serve, slow_sender):
    server = serve(always(response(500), response(500), response()))

    with Stopwatch() as watch:
        assert outcomes(send_to(slow_sender, server.url, names(60))) == {Outcome.SENT}

    assert watch.seconds >= (len(server.asked) - 2) / RATE - BURST


def test_the_deadline_holds_for_who_is_not_called_in_time(serve, slow_sender):
    server = serve(taking_all)

    with Stopwatch() as watch:
        deliveries = send_to(slow_sender, server.url, names(500), seconds=0.2)

    assert outcomes(deliveries) == {Outcome.SENT, Outcome.FAILED}
    assert watch.seconds < 0.6
    assert len(server.asked) <= RATE * (0.2 + BURST) + 2
