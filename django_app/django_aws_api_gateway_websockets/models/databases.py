"""Which database a row is in, where a project routes the app to another one."""

from typing import Any, Self, TypeVar

from django.contrib.auth import get_user_model
from django.db import models, router

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


def users_database() -> str:
    return router.db_for_read(get_user_model())
