"""How much memory a worker's process holds, and whether its function may.

Lambda limits everything in a function's sandbox. Read here is the resident memory of the
worker's own process: pages that processes share, such as the C library's, count in full, what its
children hold does not count, nor does /tmp, which on Lambda is a disk of its own. A peak
that is gone within an interval passes.
"""

import asyncio
from collections.abc import Callable

import psutil

from gateway_emulator.functions.invocation import Failure

MEGABYTE = 1024 * 1024  # so Lambda counts
INTERVAL = 0.05  # seconds between two readings while it is watched


class Memory:
    """The memory of one worker's process; calls `when_exceeded` where it passes MemorySize."""

    def __init__(self, megabytes: int, when_exceeded: Callable[[], None]) -> None:
        self.limit = megabytes * MEGABYTE
        self.when_exceeded = when_exceeded
        self.peak = 0
        self.process: psutil.Process | None = None
        self.watching: asyncio.Task[None] | None = None

    def attach(self, process_id: int) -> None:
        try:
            self.process = psutil.Process(process_id)
        except psutil.NoSuchProcess:
            self.process = None  # gone already

    def start_watching(self) -> None:
        """Read until the limit is passed, or until `stop_watching`."""
        if self.watching is None:
            self.watching = asyncio.get_running_loop().create_task(self.watch())

    def stop_watching(self) -> None:
        if self.watching is not None:
            self.watching.cancel()
            self.watching = None

    async def watch(self) -> None:
        while not self.found_exceeded():
            await asyncio.sleep(INTERVAL)

    def found_exceeded(self) -> bool:
        """Read once; say whether the limit has ever been passed, to `when_exceeded` as well."""
        self.read()
        if self.peak <= self.limit:
            return False
        self.when_exceeded()
        return True

    def read(self) -> None:
        if self.process is not None:
            try:
                self.peak = max(self.peak, self.process.memory_info().rss)
            except psutil.Error:  # it has ended meanwhile
                self.process = None

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
