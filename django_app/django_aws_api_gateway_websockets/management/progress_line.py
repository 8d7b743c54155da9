"""How far a command is, for whoever watches."""

import time

from django.core.management.base import OutputWrapper

COLUMNS = 80  # of a narrow terminal, where a line must not wrap
LONGEST_BAR, SHORTEST_BAR = 40, 10
PAUSE = 0.1  # seconds between two looks
CLEAR_THE_REST = "\x1b[K"  # of a line that was longer


class ProgressLine:
    """A bar on a terminal; elsewhere one line, at the end."""

    def __init__(self, stream: OutputWrapper, total: int, what: str = "") -> None:
        self.what = f"{what}: " if what else ""
        self.stream = stream
        self.total = total
        self.done = 0
        self.begun_at = self.shown_at = time.monotonic()

    def show(self, done: int) -> None:
        self.done = done
        now = time.monotonic()
        if now - self.shown_at >= PAUSE and self.stream.isatty():
            self.shown_at = now
            self.stream.write(self.line, str, ending="")
            self.stream.flush()

    def end(self) -> None:
        self.stream.write(self.line, str)

    @property
    def line(self) -> str:
        total = max(self.total, self.done)
        seconds = max(time.monotonic() - self.begun_at, 0.001)
        text = f"{self.what}{self.done:,} of {total:,}, {self.done / seconds:,.0f}/s"
        if not self.stream.isatty():
            return text
        room = COLUMNS - len("[] ") - len(text) - 1
        width = min(max(room, SHORTEST_BAR), LONGEST_BAR)
        bar = "#" * (width * self.done // total if total else width)
        return f"\r[{bar:-<{width}}] {text}{CLEAR_THE_REST}"
