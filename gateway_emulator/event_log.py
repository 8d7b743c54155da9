"""One readable line per event: when, which route, status, milliseconds, cold or warm, which connection."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from gateway_emulator.functions import Start


@dataclass
class Entry:
    """An event that is being handled; what is known of it is filled in on the way."""

    route: str
    connection_id: str = ""
    status: str = ""
    start: Start | None = None
    remark: str = ""


class EventLog:
    """Prints to standard error. Query strings and bodies never reach it: they carry tokens."""

    def __init__(self) -> None:
        # An HTTP_PROXY integration waits for a request of its own, which gets no line.
        self.waiting: dict[str, Entry] = {}

    @contextmanager
    def event(
        self,
        route: str,
        trace_id: str = "",
        *,
        connection_id: str = "",
        waits: bool = False,
    ) -> Iterator[Entry]:
        """Log what happens inside the block as one line; `waits` for a request with the same trace."""
        waiting = self.waiting.get(trace_id)
        if waiting is not None:
            yield waiting
            return
        entry = Entry(route, connection_id)
        if waits:
            self.waiting[trace_id] = entry
        began = time.perf_counter()
        try:
            yield entry
        finally:
            self.waiting.pop(trace_id, None)
            self.print(entry, (time.perf_counter() - began) * 1000)

    def print(self, entry: Entry, milliseconds: float) -> None:
        start = entry.start.value if entry.start else ""
        columns = (
            time.strftime("%H:%M:%S"),
            f"{entry.route:<28}",
            f"{entry.status:>3}",
            f"{milliseconds:7.0f} ms",
            f"{start:4}",
            f"{entry.connection_id} {entry.remark}".strip(),
        )
        self.say("  ".join(columns).rstrip())

    def say(self, line: str) -> None:
        one_line = "".join(each if each.isprintable() else "?" for each in line)
        with suppress(OSError):  # nobody reads it any longer
            print(one_line, file=sys.stderr, flush=True)  # noqa: T201 - this is the log
