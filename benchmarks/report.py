"""What a question's answer looks like: a page with a table, and a chart beside it."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.chart import Bar, rounded, svg
from benchmarks.measurements import Spread

Row = Sequence[str]
LEGEND = "Times are milliseconds: the median, and in brackets what a half of all lies between."


@dataclass(frozen=True)
class Report:
    """The table's head and rows, the bars, and in how many rounds all was measured."""

    head: Row
    rows: Sequence[Row]
    bars: Sequence[Bar]
    rounds: int

    def write(self, folder: Path, name: str, *, text: str) -> None:
        """Write NAME.md and NAME.svg; the text is a question and what is behind the numbers."""
        question, _, explanation = text.strip().partition("\n")
        folder.mkdir(parents=True, exist_ok=True)
        page = f"""\
# {question}

![The medians as bars]({name}.svg)

{table(self.head, self.rows)}

{LEGEND} Measured on {self.machine()}, {datetime.now(UTC):%Y-%m-%d}, in {rounds_of(self.rounds)}.

{explanation.strip()}

Measure it yourself: `.venv/bin/python -m benchmarks {name}`.
"""
        (folder / f"{name}.md").write_text(page, encoding="utf-8")
        chart = svg(question, self.bars)
        (folder / f"{name}.svg").write_text(chart, encoding="utf-8")

    def machine(self) -> str:
        python = f"{platform.python_implementation()} {platform.python_version()}"
        cores = os.cpu_count()
        return f"{cores} cores, {platform.machine()}, {platform.system()}, {python}"


def rounds_of(number: int) -> str:
    return "1 round" if number == 1 else f"{number} rounds"


def table(head: Row, rows: Sequence[Row]) -> str:
    """Return a Markdown table; numbers stand to the right of the first column."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(line(each) for each in (head, rule, *rows))


def line(cells: Row) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def times(spread: Spread) -> str:
    """For example `312 (305 to 330)`, in one line however narrow the table is."""
    lower, middle, upper = map(rounded, (spread.lower, spread.median, spread.upper))
    return f"{middle} ({lower} to {upper})".replace(" ", "&nbsp;")
