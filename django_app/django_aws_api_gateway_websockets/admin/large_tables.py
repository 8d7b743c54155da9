"""Lists of tables that may have a million rows: none of them is read or counted whole."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

# Django's classes are generic for type checkers only.
if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    RowPaginator = Paginator[Any]
else:
    ModelAdmin = admin.ModelAdmin
    RowPaginator = Paginator

MOST_COUNTED = 3_000
MOST_DELETED = 1_000  # what a person can look through, and any database in one go


class Count(NamedTuple):
    """How many rows there are, as far as they were counted."""

    number: int
    has_more: bool

    def __str__(self) -> str:
        return f"more than {self.number:,}" if self.has_more else f"{self.number:,}"


def count_some(rows: QuerySet[Any], most: int | None = None) -> Count:
    """Counts rows in their order, in which a page finds them quickly."""
    most = MOST_COUNTED if most is None else most
    number = rows[: most + 1].count()
    return Count(min(number, most), has_more=number > most)


class BoundedPaginator(RowPaginator):
    """Has pages for the first few thousand rows, and says whether there are more."""

    object_list: QuerySet[Any]

    @cached_property
    def counted(self) -> Count:
        return count_some(self.object_list)

    @property
    def count(self) -> int:
        return self.counted.number

    @property
    def has_more(self) -> bool:
        return self.counted.has_more


class BoundedList(ChangeList):
    """Reads a page at most, also where all that was counted fits on one."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not self.result_list.query.is_sliced:
            self.result_list = self.result_list[: self.list_max_show_all]


class InOneOrder(BoundedList):
    """In the order that an index has, whatever the address asks for."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        return list(self.model_admin.get_ordering(request) or ("-pk",))


class LargeTableAdmin(ModelAdmin):
    paginator = BoundedPaginator
    # Each would count rows by the million, once for the table or once for each filter.
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return BoundedList

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        if faults := self.faults_of_deleting(objs):
            return [], {}, set(), faults
        return super().get_deleted_objects(objs, request)

    def faults_of_deleting(self, rows: QuerySet[Any] | Sequence[Any]) -> list[str]:
        """Why it is too much for one page, where it is."""
        if isinstance(rows, QuerySet) and count_some(rows, MOST_DELETED).has_more:
            return [f"more than {MOST_DELETED:,} of them: select fewer"]
        return []
