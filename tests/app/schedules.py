"""Schedules by a clock that the test turns, and what may come of a call."""

from django_aws_api_gateway_websockets.messaging.contract import (
    Delivery,
    Outcome,
    Recipient,
)
from django_aws_api_gateway_websockets.messaging.pace import Pace
from django_aws_api_gateway_websockets.messaging.schedule import Schedule

HERE, THERE = "https://here.example", "https://there.example"
SENT = Delivery(Outcome.SENT)
GONE = Delivery(Outcome.GONE, "HTTP 410")
BUSY = Delivery(Outcome.THROTTLED, "HTTP 429", is_transient=True)
NO = Delivery(Outcome.FAILED, "HTTP 403")


def schedule_of(
    recipients, *, steps=1, deadline=25.0, last_call_at=None, pace=0, jitter=1.0
):
    schedule = Schedule(
        recipients,
        steps=steps,
        deadline=deadline,
        last_call_at=deadline if last_call_at is None else last_call_at,
        pace=Pace(pace),
        jitter=lambda: jitter,
    )
    schedule.advance(0.0)
    return schedule


def people(number, url=HERE, **fields):
    return [Recipient(each, f"{url}/{each}", url, **fields) for each in range(number)]


def told(schedule):
    return [delivery for _, delivery in schedule.told]


def call_times(schedule, *deliveries):
    """When the one recipient is called, if it answers like this."""
    times, now = [], 0.0
    for delivery in deliveries:
        schedule.advance(now)
        call = schedule.take(HERE, now)
        times.append(round(now, 3))
        schedule.settle(call, delivery, now)
        now = schedule.wake_at
    return times
