"""Many rows, a thousand at a time, each batch a transaction of its own."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from django.db import IntegrityError, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from django_aws_api_gateway_websockets.transactions import repeat_on_conflict

Rows = TypeVar("Rows", bound=models.QuerySet[Any])

ROWS_AT_ONCE = 1_000  # well below what any of the databases takes in one statement


class Batch(NamedTuple):
    """What became of some rows."""

    rows: int = 0
    fault: Exception | None = None


def work_through(
    rows: Rows, act: Callable[[Rows], int], *, at_once: int = ROWS_AT_ONCE
) -> Iterator[Batch]:
    """Do something to all of these rows, a batch at a time.

    A batch repeats the condition of `rows`: a row that has changed since it was found
    is not in it any more. One that fails leaves the others alone.
    """
    for pks in pks_in_batches(rows, at_once=at_once):
        yield from work_on(rows, pks, act)


def work_on(
    rows: Rows, pks: Sequence[Any], act: Callable[[Rows], int]
) -> Iterator[Batch]:
    batch = tried(lambda: act(rows.filter(pk__in=pks)), using=rows.db)
    if isinstance(batch.fault, IntegrityError) and len(pks) > 1:
        # Of one row, perhaps, which the project protects: the others may go.
        half = len(pks) // 2
        yield from work_on(rows, pks[:half], act)
        yield from work_on(rows, pks[half:], act)
    else:
        yield batch


def tried(act: Callable[[], int], *, using: str) -> Batch:
    try:
        return Batch(act())
    except Exception as error:  # also of whoever hears the signals of the rows
        close_if_lost(connections[using])
        return Batch(fault=error)


def close_if_lost(connection: BaseDatabaseWrapper) -> None:
    """For the next batch there is a new one then."""
    if connection.connection is None or connection.in_atomic_block:
        return
    if not connection.is_usable():
        connection.close()


def total(batches: Iterable[Batch]) -> int:
    """How many are done; raises the first fault once all had their turn."""
    done, fault = 0, None
    for batch in batches:
        done += batch.rows
        fault = fault or batch.fault
    if fault is not None:
        raise fault
    return done


def pks_in_batches(
    rows: models.QuerySet[Any], *, at_once: int = ROWS_AT_ONCE
) -> Iterator[list[Any]]:
    """Walk by primary key, so that the table is read once."""
    ahead = rows = rows.order_by("pk")
    while pks := list(ahead.values_list("pk", flat=True)[:at_once]):
        yield pks
        if len(pks) < at_once:
            return
        ahead = rows.filter(pk__gt=pks[-1])


def chunks(pks: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(pks), ROWS_AT_ONCE):
        yield pks[start : start + ROWS_AT_ONCE]


def delete_in_batches(rows: models.QuerySet[Any]) -> int:
    """Delete all of these rows: each batch is one statement.

    Unless the project hears the signals of these rows or refers to them; then Django
    looks at each one.
    """
    return total(work_through(rows, delete_rows))


def delete_rows(rows: models.QuerySet[Any]) -> int:
    """How many of these it has deleted, without those that went with them."""
    return deleted_by_model(rows).get(rows.model._meta.label, 0)


def deleted_by_model(rows: models.QuerySet[Any]) -> dict[str, int]:
    """How many rows of each model it has deleted."""
    _, by_model = repeat_on_conflict(rows.delete, using=rows.db)
    return by_model
