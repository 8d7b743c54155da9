"""Recipients come from a database, which may keep the sender waiting."""

from time import monotonic, sleep

import pytest

from django_aws_api_gateway_websockets.messaging import schedule
from django_aws_api_gateway_websockets.messaging.contract import TOO_LATE, Outcome
from django_aws_api_gateway_websockets.messaging.sender import overdue
from tests.app.sender.broadcasts import (
    MESSAGE,
    names,
    outcomes,
    recipients_of,
    send_one,
)
from tests.app.sender.scripted_server import response, taking_all

SENT = {Outcome.SENT}


@pytest.fixture(autouse=True)
def little_ahead(monkeypatch):
    """So that a few recipients fill it."""
    monkeypatch.setattr(schedule, "LOOK_AHEAD", 10)


def slow_source(recipients, *, first, until):
    """The rest of them comes then."""
    yield from recipients[:first]
    sleep(max(0.0, until - monotonic()))
    yield from recipients[first:]


def keep_a_connection(sender, server):
    assert send_one(sender, server.url).outcome is Outcome.SENT
    server.asked.clear()


def told_of(deliveries):
    return {recipient.connection_id: delivery for recipient, delivery in deliveries}


def test_calls_have_their_time_however_late_the_recipients_come(
    serve, sender, monkeypatch
):
    def script(peer):
        while peer.read():
            sleep(0.02)
            peer.say(response())

    one, other = serve(taking_all), serve(script)
    keep_a_connection(sender, other)
    monkeypatch.setattr(overdue, "LONGEST_CALL", 0.5)
    recipients = slow_source(
        [*recipients_of(one.url, names(10)), *recipients_of(other.url, ["late="])],
        first=10,
        until=monotonic() + 0.8,
    )

    told = told_of(sender.perform(recipients, [MESSAGE], seconds=10))

    assert outcomes(told) == SENT
    assert other.ids == ["late="]


def test_no_call_begins_after_the_last_moment_for_one(serve, sender):
    one, other = serve(taking_all), serve(taking_all)
    keep_a_connection(sender, other)
    recipients = slow_source(
        [*recipients_of(one.url, names(10)), *recipients_of(other.url, ["late="])],
        first=10,
        until=monotonic() + 0.6,
    )

    told = told_of(sender.perform(recipients, [MESSAGE], seconds=0.7))

    assert len(told) == 11
    assert told["late="] == TOO_LATE
    assert other.ids == []


def test_answers_are_heard_while_the_rest_is_read(serve, sender):
    """Though for the rest there is no time left."""
    begin = monotonic()
    last_call, deadline = begin + 1.2, begin + 1.5

    def script(peer):
        while asked := peer.read():
            if asked.connection_id in names(10)[5:]:
                sleep(max(0.0, last_call + 0.1 - monotonic()))
            peer.say(response())

    server = serve(script)

    def recipients():
        everybody = recipients_of(server.url, names(300))
        yield from slow_source(everybody[:20], first=10, until=last_call)
        for recipient in everybody[20:]:
            if monotonic() < deadline + 0.1:
                sleep(0.005)
            yield recipient

    told = told_of(sender.perform(recipients(), [MESSAGE], seconds=1.5))

    assert len(told) == 300
    assert len(server.ids) > 5
    assert {each for each in told if told[each].outcome in SENT} == set(server.ids)
