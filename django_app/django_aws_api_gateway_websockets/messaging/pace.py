"""How fast an account may be called."""

import os
from threading import Lock

BURST = 0.1  # seconds' worth of calls that may come at once


class Pace:
    """So many calls a second and no more; 0 is no limit. Threads share it.

    "Throttle requests per account", Amazon API Gateway quotas: 10,000 a second for all
    of a region's APIs together, and calls to the Management API count like any other.
    """

    def __init__(self, calls_per_second: int) -> None:
        self.free_at = 0.0
        self.forget()
        os.register_at_fork(after_in_child=self.forget)
        self.change(calls_per_second)

    def forget(self) -> None:
        """In a new process: nobody would open the lock that a thread had closed."""
        self.lock = Lock()

    def change(self, calls_per_second: int) -> None:
        """From now on so many."""
        self.is_limited = calls_per_second > 0
        self.interval = 1 / calls_per_second if self.is_limited else 0.0

    def take(self, now: float) -> bool:
        """Is it time for one more call?"""
        if not self.is_limited:
            return True
        with self.lock:
            if now < self.next_at:
                return False
            self.free_at = max(self.free_at, now) + self.interval
            return True

    @property
    def next_at(self) -> float:
        """When there is time for one more."""
        return self.free_at - BURST
