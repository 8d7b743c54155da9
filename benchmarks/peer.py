"""What does an event cost, compared with the closest peer and with a bare view?

The closest peer is django-aws-api-gateway-websockets 4.1, the package that this app is compatible
with. It runs in a copy of our artifact in which the app is another and nothing else is: Python,
Django, the adapter (apig-wsgi), the settings and the events are the same for both, and each has a
database of its own on the same server. In each round, sockets of a user who is logged in live from
their token to their end, in warm processes.

* *token* asks for a token; *connect* opens a socket with it, and has a cookie and an origin.
* *message* calls a handler that returns nothing, and *disconnect* ends the socket.
* *a bare view* answers `{}` to the same message, with the same middleware around it and no
  database: what Django and the adapter take anyhow.

*CPU* is what the function's process computes between getting the event and its answer, in all its
threads; *clock* is how long that takes, with the waiting for the database. AWS's runtime client is
in neither. *Statements* are those that Django logs as sent to the database; `BEGIN` and `COMMIT` are
among them.
"""

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.chart import Bar
from benchmarks.competitors import BARE, Competitor, all_competitors
from benchmarks.measurements import Series
from benchmarks.report import Report, Row, times
from benchmarks.rounds import Results, alternating
from benchmarks.runtime import compile_runtime
from benchmarks.socket_life import KINDS

ROUNDS = 30
HEAD = ("", "CPU", "clock", "statements", "CPU / peer's", "CPU / bare view's")


@dataclass(frozen=True)
class Line:
    """What is said about a competitor's events of one kind."""

    kind: str
    competitor: Competitor
    results: Results

    @property
    def label(self) -> str:
        return f"{self.kind}, {self.competitor.label}"

    @property
    def row(self) -> Row:
        return (
            self.label,
            times(self.series("CPU", self.competitor.label).spread),
            times(self.series("clock", self.competitor.label).spread),
            str(self.competitor.statements[self.kind]),
            self.cpu_beside(self.competitor.peer),
            self.cpu_beside(BARE),
        )

    @property
    def bar(self) -> Bar:
        cpu = self.series("CPU", self.competitor.label)
        return Bar(self.label, {"CPU": cpu.spread.median})

    def cpu_beside(self, other: str) -> str:
        """How many times as long as another's; nothing where that has no such event."""
        if f"{self.kind}, CPU" not in self.results.cases.get(other, {}):
            return ""
        cpu = self.series("CPU", self.competitor.label)
        return f"{cpu.times(self.series('CPU', other)):.2f}"

    def series(self, what: str, label: str) -> Series:
        return self.results.cases[label][f"{self.kind}, {what}"]


def report(build: Path, rounds: int) -> Report:
    compile_runtime()
    with ExitStack() as stack:
        # Beside the build, whose files it links to.
        scratch = tempfile.TemporaryDirectory(dir=build.parent)
        folder = Path(stack.enter_context(scratch))
        competitors = list(all_competitors(build, folder, stack))
        measures = {each.label: each.measure for each in competitors}
        results = alternating("peer", measures, rounds=rounds)
    lines = [
        Line(kind, competitor, results)
        for kind in KINDS
        for competitor in competitors
        if kind in competitor.statements
    ]
    return Report(
        head=HEAD,
        rows=[line.row for line in lines],
        bars=[line.bar for line in lines],
        rounds=results.rounds,
    )
