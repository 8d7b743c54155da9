"""Measure everything in turn, again and again: a machine that drifts wrongs nobody."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.measurements import Series

# So that all questions are answered within minutes: on a slow machine in fewer rounds, and the
# page tells in how many.
MOST_SECONDS = 75

Sample = Mapping[str, Sequence[float]]  # by what was measured, in milliseconds


@dataclass(frozen=True)
class Results:
    """How many rounds it were, and what was measured, by case."""

    rounds: int
    cases: Mapping[str, Mapping[str, Series]]


def alternating(
    question: str,
    cases: Mapping[str, Callable[[], Sample]],
    *,
    rounds: int,
    most_seconds: float = MOST_SECONDS,
) -> Results:
    """Measure A B C A B C …, and tell on standard error how far it is."""
    samples: dict[str, list[Sample]] = {case: [] for case in cases}
    begin = time.monotonic()
    for number in range(1, rounds + 1):
        for case, measure in cases.items():
            samples[case].append(measure())
        seconds = time.monotonic() - begin
        say(f"{question}: round {number} of {rounds}, {seconds:.0f} s")
        if seconds * (number + 1) / number > most_seconds:
            break
    by_case = {case: by_what_was_measured(each) for case, each in samples.items()}
    return Results(number, by_case)


def by_what_was_measured(samples: Sequence[Sample]) -> dict[str, Series]:
    return {name: Series([each[name] for each in samples]) for name in samples[0]}


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
