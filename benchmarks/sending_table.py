"""What the table of sending says: each measure beside its promise."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from benchmarks.chart import Bar, rounded
from benchmarks.measurements import Series
from benchmarks.report import Row, times
from benchmarks.sending_cases import (
    A_THOUSAND,
    BY_DEFAULT,
    FAULTS,
    FIRST,
    MEMORY,
    ONE,
    TEN_CONNECTIONS,
)
from benchmarks.sending_sides import BARE, OURS, PEER

HEAD = ("", "peer", "ours", "ours / peer's", "promised", "aim")
OVER_DJANGO = f"{FIRST}, over Django"

Cases = Mapping[str, Mapping[str, Series]]


@dataclass(frozen=True)
class Measure:
    """Something that was measured of both, and how many times better ours has to be."""

    label: str
    case: str
    what: str = "CPU"
    least: float | None = None
    aim: float | None = None
    of_peer: str = ""  # the peer's case, where it is another

    def row(self, cases: Cases) -> Row:
        peer, ours = self.series(cases)
        ratio = ours.times(peer)
        missed = "" if self.is_kept_by(ratio) else ", missed"
        return (
            self.label,
            times(peer.spread),
            times(ours.spread),
            self.ratio(ratio),
            self.promise(self.least) + missed,
            self.promise(self.aim),
        )

    def is_kept_by(self, ratio: float) -> bool:
        if self.least is None:
            return True
        return (ratio if self.what == "rate" else 1 / ratio) >= self.least

    def bars(self, cases: Cases) -> list[Bar]:
        return [
            Bar(f"{self.label}, {side}", {"milliseconds": series.spread.median})
            for side, series in zip((PEER, OURS), self.series(cases), strict=True)
        ]

    def series(self, cases: Cases) -> tuple[Series, Series]:
        peer = cases[f"{self.of_peer or self.case}, {PEER}"]
        return peer[self.what], cases[f"{self.case}, {OURS}"][self.what]

    def ratio(self, ratio: float) -> str:
        """More messages a second are better, and less of anything else."""
        if self.what == "rate":
            return f"{rounded(ratio)} ×"  # noqa: RUF001 - as in a text
        return f"1/{rounded(1 / ratio)}"

    def promise(self, factor: float | None) -> str:
        if factor is None:
            return ""
        return self.ratio(factor if self.what == "rate" else 1 / factor)


RATES = [
    Measure(
        "messages a second, 10,000 recipients",
        BY_DEFAULT,
        "rate",
        least=15,
        aim=22,
        of_peer=TEN_CONNECTIONS,
    ),
    Measure(
        "messages a second, 10 connections",
        TEN_CONNECTIONS,
        "rate",
        least=2.3,
        aim=2.7,
    ),
]
PER_MESSAGE = [
    Measure("CPU of a message, 1,000 recipients", A_THOUSAND, least=50, aim=75),
    Measure(
        "CPU of a message, 10,000 recipients",
        BY_DEFAULT,
        least=50,
        aim=75,
        of_peer=TEN_CONNECTIONS,
    ),
    Measure("CPU of one message", ONE, least=10, aim=15),
]
REST = [
    Measure("1,000 recipients, 14 % faults", FAULTS, "clock", least=6, aim=9),
    Measure("CPU to the first message", FIRST),
    Measure("the same, over Django", OVER_DJANGO, least=5, aim=15),
    Measure("memory (MB), 100,000 recipients", MEMORY, "memory", least=5, aim=9),
]
ALL = (*RATES, *PER_MESSAGE, *REST)
# What is of one message, so that no bar hides the others.
DRAWN = (
    Measure(
        "time of a message, 10,000 recipients",
        BY_DEFAULT,
        "time",
        of_peer=TEN_CONNECTIONS,
    ),
    Measure("time of a message, 10 connections", TEN_CONNECTIONS, "time"),
    *PER_MESSAGE,
)


def rows(cases: Cases) -> list[Row]:
    return [*(measure.row(cases) for measure in ALL), stubs_row(cases)]


def stubs_row(cases: Cases) -> Row:
    """How much the stub has worked while ours or the peer sent as fast as it can."""
    peer, ours = RATES[0].series(
        {
            case: {"rate": series["stub"]}
            for case, series in cases.items()
            if "stub" in series
        }
    )
    label = "the stub's use of its core (%), 10,000 recipients"
    return (label, times(peer.spread), times(ours.spread), "", "", "")


def bars(cases: Cases) -> list[Bar]:
    return [bar for measure in DRAWN for bar in measure.bars(cases)]


def with_what_is_over_django(cases: Cases) -> Cases:
    bare = cases[f"{FIRST}, {BARE}"]["CPU"]
    derived = {
        f"{OVER_DJANGO}, {side}": {"CPU": over(cases[f"{FIRST}, {side}"]["CPU"], bare)}
        for side in (PEER, OURS)
    }
    return {**cases, **derived}


def over(series: Series, floor: Series) -> Series:
    """What is more than the floor of the same round."""
    return Series(
        [
            [each - median(lowest) for each in measured]
            for measured, lowest in zip(series.rounds, floor.rounds, strict=True)
        ]
    )
