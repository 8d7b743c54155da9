"""How a schedule is driven to its end, whoever makes the calls."""

from collections.abc import Iterable, Sequence
from time import monotonic
from typing import Protocol

from .contract import Deliveries, Recipient, Request
from .pace import Pace
from .schedule import Schedule

LONGEST_ANSWER = 5.0  # seconds that are left for answers at the end, or a fifth


class Driver(Protocol):
    """Makes the calls of one schedule, and settles them."""

    def now(self) -> float: ...

    def make_calls(self) -> None:
        """Take the calls that are ready, as many as there is room for."""
        ...

    def wait(self) -> None:
        """Wait until a call has ended, or the schedule has something to do."""
        ...

    def leave(self) -> None:
        """No more calls are made, be it all over or not."""
        ...


def schedule_for(
    recipients: Iterable[Recipient],
    requests: Sequence[Request],
    *,
    seconds: float,
    pace: Pace,
) -> Schedule:
    """All is to be over in so many seconds, and the last calls are to be answered."""
    deadline = monotonic() + seconds
    return Schedule(
        recipients,
        steps=len(requests),
        deadline=deadline,
        last_call_at=deadline - min(LONGEST_ANSWER, seconds / 5),
        pace=pace,
    )


def outcomes_of(schedule: Schedule, driver: Driver) -> Deliveries:
    """What came of each recipient, as soon as it is known."""
    failure: Exception | None = None
    try:
        while True:
            try:
                take_turn(schedule, driver)
            except Exception as error:
                # What is under way may have been sent: its answer is told first.
                if failure is None:
                    failure = error
                    schedule.break_off(by=driver.now() + LONGEST_ANSWER)
            while schedule.told:
                yield schedule.told.popleft()
            if schedule.is_over:
                break
    finally:
        driver.leave()
    failure = failure or schedule.source_error
    if failure:
        raise failure


def take_turn(schedule: Schedule, driver: Driver) -> None:
    schedule.advance(driver.now())
    # By now it may be seconds later: more recipients come from the database.
    driver.make_calls()
    if not schedule.is_over:
        driver.wait()
