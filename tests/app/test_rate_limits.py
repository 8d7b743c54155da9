"""So many in a window, and one more each step of it, whatever the clock does."""

import math
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from django_aws_api_gateway_websockets.cleanup import clean_up
from django_aws_api_gateway_websockets.models import RateLimit, RateLimitBucket
from tests.app.clocks import Clock

pytestmark = pytest.mark.django_db

TWENTY_A_MINUTE = RateLimit(limit=20, window=60)  # one each three seconds
LIMITS = st.builds(RateLimit, limit=st.integers(1, 12), window=st.integers(1, 90))
with_one_clock = hypothesis_settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


def take(limit=TWENTY_A_MINUTE, name="alice"):
    return RateLimitBucket.objects.take_slot(name, limit)


def admitted(tries, limit=TWENTY_A_MINUTE, name="alice"):
    return sum(take(limit, name) == 0 for _ in range(tries))


@pytest.mark.parametrize("limit", [1, 2, 7, 20])
def test_exactly_the_limit_is_admitted_at_once(clock, limit):
    assert admitted(limit + 5, RateLimit(limit, 60)) == limit


@pytest.mark.parametrize("limit", [1, 7, 20])
def test_one_more_is_admitted_each_step(clock, limit):
    rate_limit = RateLimit(limit, 60)
    admitted(limit, rate_limit)

    for _ in range(5):
        clock.advance(60 / limit - 0.001)
        assert take(rate_limit)
        clock.advance(0.001)
        assert admitted(3, rate_limit) == 1


def test_whoever_is_refused_learns_how_many_seconds_to_wait(clock):
    admitted(20)

    assert take() == 3
    clock.advance(0.5)
    assert take() == 3
    clock.advance(0.5)
    assert take() == 2
    clock.advance(2)
    assert take() == 0


@pytest.mark.parametrize("pause", [60, 3600, 10**7])
def test_unused_slots_do_not_add_up(clock, pause):
    take()
    clock.advance(pause)

    assert admitted(50) == 20


def test_a_refusal_takes_no_slot(clock):
    admitted(20)
    refused = [take() for _ in range(100)]
    clock.advance(3)

    assert refused == [3] * 100
    assert take() == 0


def test_two_names_and_two_limits_share_nothing(clock):
    assert admitted(30) == 20
    assert admitted(30, name="bob") == 20
    assert admitted(30, RateLimit(10, 60)) == 10
    assert admitted(30, RateLimit(20, 120)) == 20


def test_names_of_any_length_differ(clock):
    names = ["x" * 127, "x" * 128, "x" * 10_000, "x" * 10_000 + "y", "é" * 500]

    assert [admitted(3, RateLimit(2, 60), name) for name in names] == [2] * len(names)
    assert RateLimitBucket.objects.count() == len(names)


@given(limit=LIMITS, waits=st.lists(st.integers(0, 20_000_000), max_size=40))
@with_one_clock
def test_any_sequence_is_decided_as_by_a_bucket_that_fills(clock, limit, waits):
    """A bucket for `limit` slots, which are a step of microseconds each."""
    RateLimitBucket.objects.all().delete()
    step = limit.window * 1_000_000 // limit.limit
    content = full = step * limit.limit
    for microseconds in waits:
        clock.time += timedelta(microseconds=microseconds)
        content = min(full, content + microseconds)

        assert take(limit) == max(0, math.ceil((step - content) / 1_000_000))
        content -= step if content >= step else 0


@given(limit=LIMITS, before=st.integers(0, 12))
@with_one_clock
def test_the_seconds_to_wait_are_enough_and_not_too_many(clock, limit, before):
    RateLimitBucket.objects.all().delete()
    admitted(before, limit)
    while not (seconds := take(limit)):
        pass

    clock.advance(seconds - 1.001)
    assert take(limit)
    clock.advance(1.001)
    assert take(limit) == 0


@given(
    limit=LIMITS, ahead=st.integers(1, 10**9), takes=st.integers(1, 15), data=st.data()
)
@with_one_clock
def test_a_clock_that_was_ahead_locks_out_for_a_window_at_most(
    clock, limit, ahead, takes, data
):
    RateLimitBucket.objects.all().delete()
    ahead = data.draw(st.sampled_from([ahead, ahead % limit.window]))
    clock.advance(ahead)
    admitted(takes, limit)
    clock.advance(-ahead)

    seconds = take(limit)
    assert seconds <= limit.window + math.ceil(limit.window / limit.limit)
    clock.advance(seconds)
    assert 1 <= (seconds == 0) + admitted(limit.limit + 1, limit) <= limit.limit


@pytest.mark.parametrize("first", [1, -1])
def test_two_machines_a_second_apart_admit_no_more(clock, first):
    admissions = 0
    for turn in range(60):
        clock.advance(first if turn % 2 else -first)
        admissions += admitted(1)

    assert 19 <= admissions <= 20


def test_a_clock_that_went_back_admits_no_more(clock):
    admitted(20)
    clock.advance(-30)

    assert admitted(20) == 0


@pytest.mark.parametrize(("limit", "window"), [(0, 60), (-1, 60), (20, 0)])
def test_a_limit_that_limits_nothing_is_an_error_of_the_programmer(limit, window):
    with pytest.raises(ValueError, match="give both at least 1"):
        RateLimit(limit, window)


class TestACleanUp:
    def test_deletes_what_says_nothing_any_more(self, clock):
        take(name="alice")
        admitted(20, name="bob")
        clock.advance(3.001)

        assert clean_up()["free_limits_deleted"] == 1
        assert RateLimitBucket.objects.get().key == "20/60 bob"

    def test_gives_nobody_a_slot(self, clock):
        admitted(20)
        clock.advance(59)
        clean_up()

        assert admitted(30) == 19
