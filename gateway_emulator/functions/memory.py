"""How much memory a worker's process holds, and whether its function may.

Lambda limits everything in a function's sandbox. Read here is the resident memory of the
worker's own process: pages that processes share, such as the C library's, count in full, what its
children hold does not count, nor does /tmp, which on Lambda is a disk of its own. A peak
that is gone within an interval passes.
"""

import psutil

from gateway_emulator.functions.invocation import Failure

MEGABYTE = 1024 * 1024  # so Lambda counts
INTERVAL = 0.05  # seconds between two readings while a worker works


class Memory:
    """The memory of one worker's process, against its function's MemorySize."""

    def __init__(self, megabytes: int) -> None:
        self.limit = megabytes * MEGABYTE
        self.peak = 0
        self.process: psutil.Process | None = None

    def watch(self, process_id: int) -> None:
        try:
            self.process = psutil.Process(process_id)
        except psutil.NoSuchProcess:
            self.process = None  # gone already

    def is_exceeded(self) -> bool:
        """Read once, and say whether the limit has ever been passed."""
        if self.process is not None:
            try:
                self.peak = max(self.peak, self.process.memory_info().rss)
            except psutil.Error:  # it has ended meanwhile
                self.process = None
        return self.peak > self.limit

    @property
    def used(self) -> int:
        """Return the most that was held, in megabytes, as Lambda tells it."""
        return min(self.peak, self.limit) // MEGABYTE

    def failure(self) -> Failure:
        return Failure(
            "Runtime.OutOfMemory",
            "Runtime exited with error: signal: killed",
            hint=f"more than its MemorySize of {self.limit // MEGABYTE} MB",
        )
