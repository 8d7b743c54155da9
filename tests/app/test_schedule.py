"""Whose turn it is, by a clock that the test turns."""

import pytest

from django_aws_api_gateway_websockets.messaging import schedule as module
from django_aws_api_gateway_websockets.messaging.contract import (
    Delivery,
    Outcome,
    Recipient,
)
from django_aws_api_gateway_websockets.messaging.pace import Pace
from django_aws_api_gateway_websockets.messaging.schedule import Schedule
from tests.app.schedules import (
    BUSY,
    GONE,
    HERE,
    NO,
    SENT,
    THERE,
    call_times,
    people,
    schedule_of,
    told,
)


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

    def test_has_six_tries_of_each_request(self):
        schedule = schedule_of(people(1), steps=2)

        steps, now = [], 0.0
        while not schedule.is_over:
            schedule.advance(now)
            if call := schedule.take(HERE, now):
                steps.append(call.step)
                schedule.settle(call, BUSY, now)
            now += 0.1

        assert steps == [0] * 6 + [1] * 6
        assert told(schedule) == [BUSY]

    def test_whose_call_came_to_nothing_is_called_again_at_once_and_has_a_try_less(
        self,
    ):
        schedule = schedule_of(people(1))
        schedule.put_back(schedule.take(HERE, 0.0))

        assert call_times(schedule, *[BUSY] * 5) == [0.0, 0.2, 0.6, 1.4, 3.0]
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


class TestPausesByDefault:
    """As many as are refused together do not come back together."""

    def test_are_random_and_half_as_long_as_they_may_be_at_least(self):
        schedule = Schedule(
            people(1_000), steps=1, deadline=25.0, last_call_at=20.0, pace=Pace(0)
        )
        schedule.advance(0.0)
        while call := schedule.take(HERE, 0.0):
            schedule.settle(call, BUSY, 0.0)

        pauses = {until for until, _, _ in schedule.waiting}

        assert len(pauses) > 900
        assert 0.05 <= min(pauses) < 0.06
        assert 0.09 < max(pauses) <= 0.1

    def test_are_others_in_each_broadcast(self):
        first, second = (
            Schedule(people(1), steps=1, deadline=25.0, last_call_at=20.0, pace=Pace(0))
            for _ in range(2)
        )

        assert call_times(first, *[BUSY] * 6) != call_times(second, *[BUSY] * 6)
