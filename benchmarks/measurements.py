"""Milliseconds that were measured in rounds, and what they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Self


@dataclass(frozen=True)
class Spread:
    """The median, and what a half of all lies between."""

    lower: float
    median: float
    upper: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        if len(values) == 1:  # which `quantiles` refuses before Python 3.13
            return cls(values[0], values[0], values[0])
        return cls(*quantiles(values, n=4, method="inclusive"))


@dataclass(frozen=True)
class Series:
    """The measurements of one thing, round by round.

    A machine drifts, and all things of one round met it in the same mood: so two series
    are compared within each round, and then the median of these comparisons counts.
    """

    rounds: Sequence[Sequence[float]]

    @property
    def spread(self) -> Spread:
        return Spread.of([value for each in self.rounds for value in each])

    def times(self, other: "Series") -> float:
        """How many times as long as the other."""
        return median(one / another for one, another in self.beside(other))

    def more_than(self, other: "Series") -> float:
        """How much longer than the other."""
        return median(one - another for one, another in self.beside(other))

    def beside(self, other: "Series") -> list[tuple[float, float]]:
        pairs = zip(self.rounds, other.rounds, strict=True)
        return [(median(one), median(another)) for one, another in pairs]
