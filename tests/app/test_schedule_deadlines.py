"""When the time is over, who is told what."""

from time import monotonic

import pytest

from django_aws_api_gateway_websockets.messaging import schedule as module
from django_aws_api_gateway_websockets.messaging.contract import (
    HANG_UP,
    TOO_LATE,
    Delivery,
    Outcome,
    too_late,
)
from django_aws_api_gateway_websockets.messaging.pace import Pace
from django_aws_api_gateway_websockets.messaging.turns import schedule_for
from tests.app.schedules import (
    BUSY,
    GONE,
    HERE,
    NO,
    SENT,
    people,
    schedule_of,
    told,
)


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

    @pytest.mark.parametrize(
        ("seconds", "rest"), [(25, 5), (60, 5), (5, 1), (0.5, 0.1)]
    )
    def test_is_made_five_seconds_before_the_end_or_a_fifth(self, seconds, rest):
        schedule = schedule_for([], [HANG_UP], seconds=seconds, pace=Pace(0))

        assert schedule.deadline == pytest.approx(monotonic() + seconds, abs=1)
        assert schedule.deadline - schedule.last_call_at == pytest.approx(rest)

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
