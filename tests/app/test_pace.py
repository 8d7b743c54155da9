"""So many calls a second and no more."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from django_aws_api_gateway_websockets.messaging.pace import BURST, Pace


def test_a_tenth_of_a_second_may_come_at_once():
    pace = Pace(100)

    assert sum(pace.take(5.0) for _ in range(1_000)) in {10, 11}


def test_zero_is_no_limit():
    assert all(Pace(0).take(5.0) for _ in range(1_000))


@given(
    st.integers(min_value=1, max_value=10_000),
    st.lists(
        st.floats(min_value=0, max_value=0.3) | st.none(), min_size=1, max_size=200
    ),
)
def test_no_stretch_of_time_has_more_than_its_share(calls_per_second, pauses):
    pace = Pace(calls_per_second)
    now, taken = 1_000.0, []
    for pause in pauses:
        # None: whoever was refused comes back when it is said to be time.
        now = max(now, pace.next_at) if pause is None else now + pause
        is_taken = pace.take(now)
        assert is_taken or pause is not None
        taken += [now] * is_taken

    for first, begin in enumerate(taken):
        for number, end in enumerate(taken[first:], start=1):
            most = (end - begin + BURST) * calls_per_second + 1
            assert number <= most + 1e-6 * calls_per_second


def test_whoever_waited_long_has_saved_nothing():
    pace = Pace(100)
    pace.take(0.0)

    assert sum(pace.take(3_600.0) for _ in range(1_000)) in {10, 11}


def test_it_can_be_changed():
    pace = Pace(100)
    pace.take(5.0)

    pace.change(0)
    assert all(pace.take(5.0) for _ in range(1_000))
    pace.change(200)
    assert sum(pace.take(6.0) for _ in range(1_000)) in {20, 21}


def test_threads_share_it():
    pace = Pace(1_000)

    with ThreadPoolExecutor(8) as threads:
        taken = Counter(threads.map(pace.take, [5.0] * 4_000))

    assert taken[True] in {100, 101}
