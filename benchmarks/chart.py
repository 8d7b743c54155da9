"""Bars in an SVG, in colors that can be read on a light and on a dark page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from xml.sax.saxutils import escape

WIDTH = 800
LABELS = 340  # what stands before the bars
NUMBERS = 70  # and behind them
ROW = 26
BAR = 16
TEXT = "#7a8089"  # as far from white as from black
COLORS = ("#3b82c4", "#d9822b")


@dataclass(frozen=True)
class Bar:
    """A label, and the parts that follow each other in its bar, in milliseconds."""

    label: str
    parts: Mapping[str, float]

    @property
    def length(self) -> float:
        return sum(self.parts.values())


def svg(title: str, bars: Sequence[Bar]) -> str:
    """Return the chart; the parts are explained where there are several."""
    names = list(bars[0].parts)
    legend = legend_of(names) if len(names) > 1 else []
    top = ROW if legend else 0
    longest = max(bar.length for bar in bars) or 1
    rows = [
        element
        for number, bar in enumerate(bars)
        for element in row(bar, top=top + number * ROW, longest=longest)
    ]
    height = top + len(bars) * ROW
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{WIDTH}"'
            f' height="{height}" viewBox="0 0 {WIDTH} {height}"'
            f' font-family="sans-serif" font-size="13" fill="{TEXT}">',
            f"<title>{escape(title)}</title>",
            *legend,
            *rows,
            "</svg>\n",
        ]
    )


def legend_of(names: Sequence[str]) -> list[str]:
    elements = []
    for number, (name, color) in enumerate(zip(names, cycle(COLORS))):
        left = LABELS + number * 130
        elements += [
            rectangle(left, 5, width=12, height=12, color=color),
            text(name, left=left + 18, top=16),
        ]
    return elements


def row(bar: Bar, *, top: int, longest: float) -> list[str]:
    elements = [text(bar.label, left=LABELS - 10, top=top + 18, anchor="end")]
    left = float(LABELS)
    for milliseconds, color in zip(bar.parts.values(), cycle(COLORS)):
        width = milliseconds / longest * (WIDTH - LABELS - NUMBERS)
        bar_part = rectangle(left, top + 5, width=width, height=BAR, color=color)
        elements.append(bar_part)
        left += width
    return [*elements, text(f"{rounded(bar.length)} ms", left=left + 6, top=top + 18)]


def rectangle(
    left: float, top: float, *, width: float, height: float, color: str
) -> str:
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"'
        f' rx="2" fill="{color}"/>'
    )


def text(words: str, *, left: float, top: float, anchor: str = "start") -> str:
    return (
        f'<text x="{left:.1f}" y="{top:.1f}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )


def rounded(milliseconds: float) -> str:
    """Three digits tell as much as a measurement can."""
    return f"{milliseconds:.0f}" if milliseconds >= 100 else f"{milliseconds:.3g}"
