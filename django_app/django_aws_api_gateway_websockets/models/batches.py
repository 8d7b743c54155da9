"""Many rows, a thousand at a time, each batch a transaction of its own."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from django.db import models

from django_aws_api_gateway_websockets.transactions import repeat_on_conflict

Rows = TypeVar("Rows", bound=models.QuerySet[Any])

ROWS_AT_ONCE = 1_000  # well below what any of the databases takes in one statement


def in_batches(rows: Rows) -> Iterator[Rows]:
    """Walk by primary key, so that the table is read once.

    A batch repeats the condition of `rows`: a row that has changed since it was found
    is not in it any more.
    """
    for pks in pks_in_batches(rows):
        yield rows.filter(pk__in=pks)


def pks_in_batches(rows: models.QuerySet[Any]) -> Iterator[list[Any]]:
    ahead = rows = rows.order_by("pk")
    while pks := list(ahead.values_list("pk", flat=True)[:ROWS_AT_ONCE]):
        yield pks
        if len(pks) < ROWS_AT_ONCE:
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
    label = rows.model._meta.label
    return sum(delete(batch).get(label, 0) for batch in in_batches(rows))


def delete(rows: models.QuerySet[Any]) -> dict[str, int]:
    """How many rows of each model it has deleted."""
    _, by_model = repeat_on_conflict(rows.delete, using=rows.db)
    return by_model
