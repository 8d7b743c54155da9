"""The sessions of any queryset, each once, a page at a time."""

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from django.db.models import Case, IntegerField, Q, When
from django.db.models.sql import Query
from django.utils import timezone

from .batches import chunks

if TYPE_CHECKING:
    from .closing import ClosingQuerySet

ROWS_IN_A_PAGE = 2_000
HANDSHAKE_AGE = timedelta(seconds=30)

Page = Sequence[Any]  # of rows, as Row has them
PrimaryKeys: TypeAlias = "array[int]"  # eight bytes each, and there may be a million


class Row(NamedTuple):
    """What sending needs to know of a session."""

    pk: int
    connection_id: str
    api_gateway_id: int | None
    is_new: int
    """Its handshake may not be through yet."""


def pages_of(sessions: "ClosingQuerySet", condition: Q) -> Iterator[Page]:
    """The rows that meet the condition, in a statement for each page.

    They are walked by primary key, for which no database keeps a cursor open: rows
    that come or go meanwhile may be in it or not.
    """
    if not can_be_walked(sessions):
        yield from pages_with(primary_keys_of(sessions, condition), sessions, condition)
        return
    ahead = rows = by_key(sessions.filter(condition))
    while page := list(rows_of(ahead[:ROWS_IN_A_PAGE])):
        # A join repeats a row, one after the other.
        yield list({row.pk: row for row in page}.values())
        if len(page) < ROWS_IN_A_PAGE:
            return
        ahead = rows.filter(pk__gt=page[-1].pk)


def rows_of(sessions: "ClosingQuerySet") -> Iterable[Any]:
    """The fields of Row, as fast as the database gives them."""
    # The database says it: to read a time takes longer than all the rest of a row.
    newest = Q(request_count=0, created_on__gt=timezone.now() - HANDSHAKE_AGE)
    is_new = Case(When(newest, then=1), default=0, output_field=IntegerField())
    rows: Iterable[Any] = sessions.annotate(is_new=is_new).values_list(
        *Row._fields, named=True
    )
    return rows


def by_key(sessions: "ClosingQuerySet") -> "ClosingQuerySet":
    rows = sessions.order_by("pk")
    # What was reversed once turns every later order round, too.
    return rows if rows.query.standard_ordering else rows.reverse()


def can_be_walked(sessions: "ClosingQuerySet") -> bool:
    """Slices, unions and windows take no more conditions: they are what they are."""
    query = sessions.query
    return not (
        query.is_sliced
        or query.combinator
        or query.distinct_fields
        or query.where.contains_over_clause
    )


def primary_keys_of(sessions: "ClosingQuerySet", condition: Q) -> PrimaryKeys:
    """Who is in it now, whatever becomes of the rows."""
    if can_be_walked(sessions):
        ahead = rows = by_key(sessions.filter(condition))
        found = array("q")
        while page := ahead.values_list("pk", flat=True)[:ROWS_IN_A_PAGE]:
            found.extend(dict.fromkeys(page))
            if len(page) < ROWS_IN_A_PAGE:
                break
            ahead = rows.filter(pk__gt=found[-1])
        return found
    return array("q", dict.fromkeys(as_they_are(sessions)))


def as_they_are(sessions: "ClosingQuerySet") -> Iterator[int]:
    """The keys of what takes no more conditions."""
    query = sessions.query
    refuse_other_columns(query)
    # PostgreSQL's DISTINCT ON may be of what is annotated, which is to be read then.
    distinct = [name for name in query.distinct_fields if name in query.annotations]
    return (pk for pk, *_ in sessions.values_list("pk", *distinct))


def refuse_other_columns(query: Query) -> None:
    """Parts of a union keep their columns, whose numbers would be taken for keys."""
    for part in query.combined_queries:
        refuse_other_columns(part)
        is_key = part.values_select in {("pk",), ("id",)} and not (
            part.annotation_select or part.extra_select
        )
        if not part.default_cols and not is_key:
            raise ValueError(
                "A union of .values() or .values_list() does not say which sessions "
                "are meant: combine querysets of whole sessions, or of "
                ".values('pk')"
            )


def divided(pages: Iterable[Page], rows: int) -> tuple[list[Page], Iterator[Page]]:
    """The first pages, until they have more than so many rows, and the rest."""
    rest = iter(pages)
    first: list[Page] = []
    while sum(map(len, first)) <= rows and (page := next(rest, None)) is not None:
        first.append(page)
    return first, rest


def kept(pages: Iterable[Page]) -> Iterator[Page]:
    """The rows as they are now, whatever becomes of them: some forty bytes for each."""
    texts = [json.dumps(page) for page in pages]
    return ([Row(*row) for row in json.loads(text)] for text in texts)


def pages_with(
    pks: Sequence[int], sessions: "ClosingQuerySet", condition: Q
) -> Iterator[Page]:
    """The rows with these keys that meet the condition by now."""
    rows = sessions.all_rows.filter(condition)
    for some in chunks(pks):
        if page := list(rows_of(rows.filter(pk__in=some))):
            yield page
