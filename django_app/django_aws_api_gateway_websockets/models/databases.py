"""Which database a row is in, where a project routes the app to another one."""

from collections.abc import Sequence
from typing import Any, Self, TypeVar

from django.contrib.auth import get_user_model
from django.db import models, router
from django.db.models import Prefetch, prefetch_related_objects

Row = TypeVar("Row", bound=models.Model)
Rows = TypeVar("Rows", bound=models.QuerySet[Any])


class WritingQuerySet(models.QuerySet[Row]):
    """Asks the one database that has seen all writes: rows are a moment old here."""

    @property
    def write_alias(self) -> str:
        # As Django chooses it for its own writes; django-stubs knows neither name.
        chosen: str | None = self._db  # type: ignore[attr-defined]
        hints: dict[str, Any] = self._hints  # type: ignore[attr-defined]
        return chosen or router.db_for_write(self.model, **hints)

    def for_write(self) -> Self:
        return self.using(self.write_alias)


def with_user(rows: Rows) -> Rows:
    """Read the user in the same statement, if both tables are in one database."""
    return rows.select_related("user") if rows.db == users_database() else rows


def read_user(row: Row | None) -> Row | None:
    """Read the user of a row, where it was not read with it."""
    if row is not None:
        read_users([row])
    return row


def read_users(rows: Sequence[Row], *, everywhere: bool = False) -> None:
    """Told where users are: by itself Django would look for them beside the rows."""
    database = users_database()
    if rows and (everywhere or rows[0]._state.db != database):
        users = get_user_model()._base_manager.using(database)
        prefetch_related_objects(rows, Prefetch("user", queryset=users))


def users_database() -> str:
    # A replica may not have heard yet that a user is new, or is not active any more.
    return router.db_for_write(get_user_model())
