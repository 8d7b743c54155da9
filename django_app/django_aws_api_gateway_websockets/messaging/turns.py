"""How a schedule is driven to its end, whoever makes the calls."""

from typing import Protocol

from .contract import Deliveries
from .schedule import Schedule


class Driver(Protocol):
    """Makes the calls of one schedule, and settles them."""

    def now(self) -> float: ...

    def make_calls(self, now: float) -> None:
        """Take the calls that are ready, as many as there is room for."""
        ...

    def wait(self) -> None:
        """Wait until a call has ended, or the schedule has something to do."""
        ...

    def leave(self) -> None:
        """No more calls are made, be it all over or not."""
        ...


def outcomes_of(schedule: Schedule, driver: Driver) -> Deliveries:
    """What came of each recipient, as soon as it is known."""
    failure: Exception | None = None
    try:
        while True:
            try:
                take_turn(schedule, driver)
            except Exception as error:  # what is known by now is told first
                failure = error
            while schedule.told:
                yield schedule.told.popleft()
            if failure or schedule.is_over:
                break
    finally:
        driver.leave()
    failure = failure or schedule.source_error
    if failure:
        raise failure


def take_turn(schedule: Schedule, driver: Driver) -> None:
    now = driver.now()
    schedule.advance(now)
    driver.make_calls(now)
    if not schedule.told and not schedule.is_over:
        driver.wait()
