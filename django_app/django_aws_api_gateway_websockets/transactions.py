"""What the database may refuse because it met another one, and is then tried again."""

import random
import time
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, ParamSpec, TypeVar, overload

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, transaction

P = ParamSpec("P")
R = TypeVar("R")

TRIES = 5
FIRST_PAUSE = 0.05  # seconds, doubled each time
FIRST_PAUSE_OF_STATEMENT = 0.005  # seconds: the other one is through after a few
LONGEST_PAUSE = 5.0  # seconds

POSTGRESQL_CONFLICTS = {"40001", "40P01"}  # serialization failure, deadlock
MARIADB_CONFLICTS = {
    1020,  # the row has changed since the transaction began
    1205,  # lock wait timeout
    1213,  # deadlock
}
SQLITE_CONFLICTS = {5, 6}  # SQLITE_BUSY, SQLITE_LOCKED


def in_autocommit(view: Callable[P, R]) -> Callable[P, R]:
    """Run a view outside of a transaction, whatever ATOMIC_REQUESTS says."""
    for alias in connections:
        view = transaction.non_atomic_requests(using=alias)(view)
    return view


@overload
def retry_on_conflict(function: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def retry_on_conflict(
    *, using: str = DEFAULT_DB_ALIAS
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def retry_on_conflict(
    function: Callable[..., Any] | None = None, *, using: str = DEFAULT_DB_ALIAS
) -> Any:
    """Run the whole function in one transaction, again if it met another one.

    Messages wait for the commit, so a try that was rolled back has sent nothing.
    Inside a transaction the function is just called: only the outermost block can
    be tried again.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def in_transaction(*args: P.args, **kwargs: P.kwargs) -> R:
            if connections[using].in_atomic_block:
                return function(*args, **kwargs)

            def transact() -> R:
                with transaction.atomic(using=using):
                    return function(*args, **kwargs)

            return repeat(transact, first_pause=FIRST_PAUSE)

        return in_transaction

    return decorate if function is None else decorate(function)


def repeat_on_conflict(statement: Callable[[], R], *, using: str) -> R:
    """Run one statement, again if it met another one.

    Databases do not agree on that: most let it wait for the other one and go on from
    there, Aurora DSQL refuses it. Inside a transaction it is just run.
    """
    if connections[using].in_atomic_block:
        return statement()
    return repeat(statement, first_pause=FIRST_PAUSE_OF_STATEMENT)


def repeat(call: Callable[[], R], *, first_pause: float) -> R:
    for pause in pauses(first_pause):
        try:
            return call()
        except OperationalError as error:
            if not is_conflict(error):
                raise
        time.sleep(pause)
    return call()


def pauses(first: float) -> Iterator[float]:
    """One before each try but the first; random, so that two do not meet again."""
    for tries in range(TRIES - 1):
        pause = min(LONGEST_PAUSE, first * 2**tries)
        yield pause * random.uniform(0.5, 1)  # noqa: S311


def is_conflict(error: OperationalError) -> bool:
    cause = error.__cause__
    if getattr(cause, "sqlstate", None) in POSTGRESQL_CONFLICTS:
        return True
    if (code := getattr(cause, "sqlite_errorcode", None)) is not None:
        return code & 0xFF in SQLITE_CONFLICTS  # the rest is SQLite's extended code
    return bool(error.args) and error.args[0] in MARIADB_CONFLICTS
