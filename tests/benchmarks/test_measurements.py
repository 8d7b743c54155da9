"""What is said about times that were measured."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.measurements import Series, Spread

times = st.integers(1, 10**9)  # as whole nanoseconds, so that nothing is rounded


@given(st.lists(times, min_size=1))
def test_a_spread_is_in_order_and_within_what_was_measured(values):
    spread = Spread.of(values)

    assert min(values) <= spread.lower <= spread.median
    assert spread.median <= spread.upper <= max(values)


def test_quartiles_lie_between_the_measurements_beside_them():
    assert Spread.of([4, 1, 3, 2]) == Spread(1.75, 2.5, 3.25)


def test_a_single_measurement_is_its_own_spread():
    assert Spread.of([7]) == Spread(7, 7, 7)


@given(st.lists(times, min_size=1), st.floats(min_value=0.1, max_value=10))
def test_a_machine_that_slows_down_changes_no_ratio(floor, factor):
    slower = Series([[value * factor] for value in floor])

    assert slower.times(Series([[value] for value in floor])) == pytest.approx(factor)


def test_a_ratio_compares_within_rounds():
    """All of one against all of the other would say 10."""
    one, other = Series([[2], [20], [200]]), Series([[1], [2], [100]])

    assert one.times(other) == 2
    assert one.more_than(other) == 18
