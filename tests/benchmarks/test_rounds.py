"""Measuring in turn."""

from itertools import count

from benchmarks.measurements import Series
from benchmarks.rounds import alternating


def test_cases_take_turns_and_keep_their_rounds():
    clock = count()
    cases = {name: lambda: {"event": [next(clock)]} for name in "AB"}

    results = alternating("a question", cases, rounds=3)

    assert results.rounds == 3
    assert results.cases == {
        "A": {"event": Series([[0], [2], [4]])},
        "B": {"event": Series([[1], [3], [5]])},
    }


def test_each_round_is_told(capsys):
    alternating("a question", {"A": lambda: {"event": [1]}}, rounds=2)

    assert capsys.readouterr().err.splitlines() == [
        "a question: round 1 of 2, 0 s",
        "a question: round 2 of 2, 0 s",
    ]


def test_a_question_ends_early_rather_than_late():
    cases = {"A": lambda: {"event": [1]}}

    results = alternating("a question", cases, rounds=9, most_seconds=0)

    assert results.rounds == 1
