"""Whose turn it is, by a clock that the test turns."""

import pytest

from django_aws_api_gateway_websockets.messaging import schedule as module
from django_aws_api_gateway_websockets.messaging.contract import (
    TOO_LATE,
    Delivery,
    Outcome,
    Recipient,
    too_late,
)
from django_aws_api_gateway_websockets.messaging.pace import Pace
from django_aws_api_gateway_websockets.messaging.schedule import Schedule

HERE, THERE = "https://here.example", "https://there.example"
SENT = Delivery(Outcome.SENT)
GONE = Delivery(Outcome.GONE, "HTTP 410")
BUSY = Delivery(Outcome.THROTTLED, "HTTP 429", may_pass=True)
NO = Delivery(Outcome.FAILED, "HTTP 403")


def schedule_of(
    recipients, *, steps=1, deadline=25.0, last_call_at=None, pace=0, jitter=1.0
):
    schedule = Schedule(
        recipients,
        steps=steps,
        deadline=deadline,
        last_call_at=last_call_at,
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


class TestOneRecipient:
    def test_is_called_and_told(self):
        schedule = schedule_of([alice := Recipient(1, "alice=", HERE)])

        call = schedule.take(HERE, 0.0)
        assert not schedule.is_over
        schedule.settle(call, SENT, 0.1)

        assert list(schedule.told) == [(alice, SENT)]
        assert schedule.is_over

    def test_is_tried_again_after_pauses_that_double_and_six_times_at_most(self):
        schedule = schedule_of(people(1))

        times = call_times(schedule, *[BUSY] * 6)

        assert times == [0.0, 0.1, 0.3, 0.7, 1.5, 3.1]
        assert told(schedule) == [BUSY]

    def test_is_not_tried_again_if_that_brings_nothing(self):
        schedule = schedule_of(people(1))

        assert call_times(schedule, NO) == [0.0]
        assert told(schedule) == [NO]

    @pytest.mark.parametrize(
        ("jitter", "second"), [(0.0, 0.05), (0.5, 0.075), (1.0, 0.1)]
    )
    def test_waits_half_of_a_pause_at_least(self, jitter, second):
        schedule = schedule_of(people(1), jitter=jitter)

        assert call_times(schedule, BUSY, SENT) == [0.0, second]

    def test_in_its_handshake_gets_a_second_chance_after_a_quarter_of_a_second(self):
        schedule = schedule_of(people(1, may_be_connecting=True))

        assert call_times(schedule, GONE, SENT) == [0.0, 0.25]
        assert told(schedule) == [SENT]

    def test_in_its_handshake_is_connecting_and_not_gone_in_the_end(self):
        schedule = schedule_of(people(1, may_be_connecting=True))

        assert call_times(schedule, GONE, GONE) == [0.0, 0.25]
        assert told(schedule) == [Delivery(Outcome.CONNECTING, "HTTP 410")]

    def test_in_its_handshake_has_six_tries_altogether(self):
        schedule = schedule_of(people(1, may_be_connecting=True))

        times = call_times(schedule, *[BUSY] * 5, GONE)

        assert len(times) == 6
        assert told(schedule) == [Delivery(Outcome.CONNECTING, "HTTP 410")]

    def test_that_has_gone_gets_no_second_request(self):
        schedule = schedule_of(people(1), steps=2)

        assert call_times(schedule, GONE) == [0.0]
        assert told(schedule) == [GONE]

    def test_gets_the_second_request_though_the_first_has_failed(self):
        schedule = schedule_of(people(1), steps=2)
        first = schedule.take(HERE, 0.0)
        assert first.step == 0
        schedule.settle(first, NO, 0.1)

        second = schedule.take(HERE, 0.1)
        assert second.step == 1
        schedule.settle(second, SENT, 0.2)

        assert told(schedule) == [SENT]

    def test_whose_call_came_to_nothing_has_lost_no_try(self):
        schedule = schedule_of(people(1))
        for _ in range(20):
            schedule.put_back(schedule.take(HERE, 0.0))

        assert len(call_times(schedule, *[BUSY] * 6)) == 6
        assert told(schedule) == [BUSY]


class TestManyRecipients:
    def test_get_their_second_request_before_others_get_their_first(self):
        schedule = schedule_of(people(2), steps=2)
        alice = schedule.take(HERE, 0.0)

        schedule.settle(alice, SENT, 0.1)

        assert schedule.take(HERE, 0.1) is alice

    def test_are_asked_for_in_portions(self):
        asked_for = []
        source = (asked_for.append(each) or each for each in people(25_000))
        schedule = schedule_of(source)
        assert len(asked_for) == schedule.known == 10_000

        for portion in (10_000, 15_000, 20_000, 25_000, 25_000):
            for _ in range(4_999):
                schedule.settle(schedule.take(HERE, 1.0), SENT, 1.0)
            schedule.advance(1.0)
            assert len(asked_for) == min(portion, 25_000)
            schedule.settle(schedule.take(HERE, 1.0), SENT, 1.0)
            schedule.told.clear()
            schedule.advance(1.0)

        assert schedule.is_over

    def test_of_whom_none_can_be_reached_fill_no_memory(self):
        schedule = schedule_of(people(25_000, fault="no address"))
        assert len(schedule.told) == 10_000
        assert not schedule.is_over

        counted = 0
        while not schedule.is_over:
            counted += len(schedule.told)
            schedule.told.clear()
            assert schedule.wake_at <= 1.0  # it is not waited for anything
            schedule.advance(1.0)

        assert counted + len(schedule.told) == 25_000

    def test_wait_for_their_pace(self):
        schedule = schedule_of(people(100), pace=100)
        at_once = 0
        while schedule.take(HERE, 0.0):
            at_once += 1

        assert at_once in {10, 11}
        assert schedule.wake_at == pytest.approx(0.01, abs=0.011)
        now = schedule.wake_at
        schedule.advance(now)
        assert schedule.take(HERE, now)

    def test_are_told_that_an_endpoint_is_not_there_also_those_to_come(
        self, monkeypatch
    ):
        monkeypatch.setattr(module, "LOOK_AHEAD", 2)
        schedule = schedule_of([*people(4), *people(1, THERE)])
        busy, _ = schedule.take(HERE, 0.0), schedule.take(HERE, 0.0)
        schedule.settle(busy, BUSY, 0.0)

        schedule.give_up(HERE, NO)
        answers = []
        for _ in range(4):
            answers += told(schedule)
            schedule.told.clear()
            schedule.advance(1.0)

        assert answers == [NO] * 3  # and the last one of HERE is under way
        assert schedule.take(HERE, 1.0) is None
        assert schedule.take(THERE, 1.0).recipient.callback_url == THERE


class TestTheDeadline:
    def test_ends_all_whatever_they_wait_for(self):
        schedule = schedule_of(people(3), deadline=5.0)
        waiting, under_way = (schedule.take(HERE, 0.0) for _ in range(2))
        schedule.settle(waiting, BUSY, 4.99)
        assert schedule.wake_at == 5.0

        schedule.advance(5.0)

        assert told(schedule) == [TOO_LATE, too_late("HTTP 429"), TOO_LATE]
        assert all(delivery.is_too_late for delivery in told(schedule))
        assert schedule.is_over

        schedule.settle(under_way, SENT, 5.1)
        schedule.settle_for_good(under_way, SENT)
        schedule.put_back(under_way)
        assert len(schedule.told) == 3  # nobody is told twice
        assert schedule.take(HERE, 5.1) is None
        assert not schedule.ready.get(HERE)

    def test_lets_no_call_begin(self):
        schedule = schedule_of(people(1), deadline=5.0)

        assert schedule.take(HERE, 5.0) is None

    def test_ends_those_too_who_are_still_to_come(self, monkeypatch):
        monkeypatch.setattr(module, "LOOK_AHEAD", 2)
        schedule = schedule_of(people(9), deadline=5.0)

        while not schedule.is_over:
            schedule.advance(5.0)
            assert schedule.take(HERE, 5.0) is None

        assert told(schedule) == [TOO_LATE] * 9

    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            (BUSY, "there was no time left (HTTP 429)"),
            (NO, "there was no time left (HTTP 403)"),
            (SENT, "there was no time left"),
        ],
    )
    def test_leaves_the_reason_of_the_last_try(self, answer, reason):
        schedule = schedule_of(people(1), steps=2, deadline=5.0)
        schedule.settle(schedule.take(HERE, 4.9), answer, 4.99)
        schedule.take(HERE, 4.99)

        schedule.advance(5.0)

        [delivery] = told(schedule)
        assert delivery == Delivery(Outcome.FAILED, reason, True, is_too_late=True)

    def test_leaves_the_reason_of_a_try_that_found_a_handshake(self):
        schedule = schedule_of(people(1, may_be_connecting=True), deadline=5.0)
        schedule.settle(schedule.take(HERE, 4.9), GONE, 4.99)

        schedule.advance(5.0)

        assert told(schedule) == [too_late("HTTP 410")]


class TestTheLastCall:
    def test_is_made_before_the_deadline_and_may_be_answered_until_then(self):
        schedule = schedule_of(people(2), deadline=25.0, last_call_at=20.0)
        call = schedule.take(HERE, 19.0)

        schedule.advance(20.0)
        assert schedule.take(HERE, 20.0) is None
        assert told(schedule) == [TOO_LATE]
        schedule.settle(call, SENT, 24.0)

        assert told(schedule) == [TOO_LATE, SENT]
        assert schedule.is_over

    def test_is_not_tried_again(self):
        schedule = schedule_of(people(1), last_call_at=20.0)
        call = schedule.take(HERE, 19.0)
        schedule.advance(20.0)

        schedule.settle(call, BUSY, 21.0)

        assert told(schedule) == [BUSY]

    def test_of_two_steps_leaves_the_second_undone_and_says_so(self):
        schedule = schedule_of(people(1), steps=2, last_call_at=20.0)
        call = schedule.take(HERE, 19.0)
        schedule.advance(20.0)

        schedule.settle(call, SENT, 21.0)

        assert [delivery.is_too_late for delivery in told(schedule)] == [True]

    def test_of_one_in_its_handshake_changes_nothing(self):
        schedule = schedule_of(people(1, may_be_connecting=True), last_call_at=20.0)
        call = schedule.take(HERE, 19.0)
        schedule.advance(20.0)

        schedule.settle(call, GONE, 21.0)

        assert [each.outcome for each in told(schedule)] == [Outcome.CONNECTING]


class TestASourceThatBreaks:
    def test_leaves_its_error_for_when_those_it_has_named_are_told(self):
        def source():
            yield from people(2)
            raise ConnectionError("the database has gone away")

        schedule = schedule_of(source())
        first = schedule.take(HERE, 0.0)
        schedule.settle(first, SENT, 0.0)
        assert not schedule.is_over
        schedule.settle(schedule.take(HERE, 0.0), SENT, 0.0)

        assert schedule.is_over
        assert str(schedule.source_error) == "the database has gone away"
        assert told(schedule) == [SENT, SENT]
