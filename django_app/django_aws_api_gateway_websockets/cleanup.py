"""What has to be cleaned up from time to time: the table is `STEPS`, in its order."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from django.apps import apps
from django.db import connections
from django.utils import timezone

from .conf import conf
from .ended_logins import close_ended_logins, count_ended_logins
from .models import (
    Broadcast,
    ClosedReason,
    ConnectionRateLimit,
    RateLimitBucket,
    WebSocketSession,
    WebSocketToken,
)
from .models.batches import (
    ROWS_AT_ONCE,
    Batch,
    close_if_lost,
    delete_rows,
    work_through,
)
from .models.broadcasts import SHARDS_AT_ONCE
from .models.django_sessions import session_rows, session_store

MOST_FAULTS = 100  # of one step, which then is left to the next clean-up


class Step(NamedTuple):
    due: Callable[[], int]
    """How many rows there are to do; nothing is written."""

    work: Callable[[], Iterator[Batch]]


class Done(NamedTuple):
    """What became of a batch, or why a step is left."""

    step: str
    rows: int = 0
    fault: Exception | None = None


class CleanUpFailed(Exception):
    """Something could not be cleaned up. The rest is done, and stays so."""


def step_in_batches(
    rows: Callable[[], Any],
    act: Callable[[Any], int] = delete_rows,
    *,
    at_once: int = ROWS_AT_ONCE,
) -> Step:
    return Step(
        lambda: rows().count(), lambda: work_through(rows(), act, at_once=at_once)
    )


def expired_django_sessions() -> Any:
    """As rows; None where they are in no table."""
    if not apps.is_installed("django.contrib.sessions"):
        return None
    rows = session_rows()
    return None if rows is None else rows.filter(expire_date__lt=timezone.now())


def count_expired_django_sessions() -> int:
    rows = expired_django_sessions()
    return 0 if rows is None else rows.count()


def delete_expired_django_sessions() -> Iterator[Batch]:
    """As `clearsessions`, which deletes them all in one transaction."""
    rows = expired_django_sessions()
    if rows is not None:
        yield from work_through(rows, delete_rows)
    elif apps.is_installed("django.contrib.sessions"):
        with suppress(NotImplementedError):  # by such a store: it needs no clearing
            session_store().clear_expired()


CLOSE_AGED = step_in_batches(
    WebSocketSession.objects.aged,
    lambda sessions: sessions.close_and_tell(ClosedReason.AGE),
)
STEPS: Mapping[str, Step] = {
    "sessions_closed": CLOSE_AGED,
    "sessions_deleted": step_in_batches(WebSocketSession.objects.closed_long_ago),
    "django_sessions_deleted": Step(
        count_expired_django_sessions, delete_expired_django_sessions
    ),
    # After those that have expired: a login ends with its session.
    "ended_logins_closed": Step(count_ended_logins, close_ended_logins),
    "tokens_deleted": step_in_batches(WebSocketToken.objects.expired),
    "attempts_deleted": step_in_batches(
        lambda: ConnectionRateLimit.objects.older_than(days=conf.attempt_retention_days)
    ),
    "free_limits_deleted": step_in_batches(RateLimitBucket.objects.free),
    "broadcasts_deleted": step_in_batches(
        Broadcast.objects.old,
        lambda broadcasts: broadcasts.delete_with_shards(),
        at_once=SHARDS_AT_ONCE,
    ),
}


def take(steps: Mapping[str, Step]) -> Iterator[Done]:
    """Take all steps, batch by batch. What fails leaves the rest alone."""
    for name, each in steps.items():
        try:
            yield from batches_of(name, each)
        except Exception as error:  # of the database, or of a session store
            yield Done(name, fault=error)
            connection = connections[WebSocketSession.objects.all().write_alias]
            if connection.connection is None:
                return  # nobody answers, and each step would wait for as long
            close_if_lost(connection)


def batches_of(name: str, each: Step) -> Iterator[Done]:
    faults = 0
    for batch in each.work():
        yield Done(name, batch.rows, batch.fault)
        faults += batch.fault is not None
        if faults >= MOST_FAULTS:
            return


class Tally:
    """The rows of each step, and what went wrong there first."""

    def __init__(self, steps: Mapping[str, Step]) -> None:
        self.counts = dict.fromkeys(steps, 0)
        self.faults: dict[str, Exception] = {}

    def add(self, done: Done) -> None:
        self.counts[done.step] += done.rows
        if done.fault is not None:
            self.faults.setdefault(done.step, done.fault)

    def require_no_fault(self) -> None:
        if not self.faults:
            return
        said = (
            f"{name}: {type(fault).__name__}: {fault}".rstrip()
            for name, fault in self.faults.items()
        )
        raise CleanUpFailed(
            f"Not all could be cleaned up; the next time may do the rest. "
            f"{'; '.join(said)}. Done: {self.counts}"
        ) from next(iter(self.faults.values()))


def clean_up(steps: Mapping[str, Step] = STEPS) -> dict[str, int]:
    """Take all steps, and count the rows of each.

    CleanUpFailed where something failed: what was done stays done, and the next
    clean-up finds the rest.
    """
    tally = Tally(steps)
    for done in take(steps):
        tally.add(done)
    tally.require_no_fault()
    return tally.counts
