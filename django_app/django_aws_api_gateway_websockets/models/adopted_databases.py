"""Is a database of the earlier package at its last migration, where ours begin?"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from .installation import PEER

APP = "django_aws_api_gateway_websockets"
SQUASHED = (APP, "0001_squashed_0015")
COME_BACK = f"Install {PEER} 4.1 in place of this package, migrate with it to 0015, and come back"


class Fault(NamedTuple):
    """What is wrong, and what to do about it."""

    text: str
    hint: str

    def about(self, alias: str) -> str:
        return f"The database {alias!r} {self.text}"


def fault_of(connection: BaseDatabaseWrapper) -> Fault | None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    if SQUASHED not in loader.disk_migrations:
        return None  # the project has migrations of its own for this app, or none
    replaced = [name for _, name in loader.disk_migrations[SQUASHED].replaces]
    ours = {name for app, name in loader.disk_migrations if app == APP}
    applied = MigrationRecorder(connection).applied_migrations()
    recorded = {name for app, name in applied if app == APP}

    if recorded & (ours - {SQUASHED[1]}):
        return None  # it has been adopted, or was never anybody else's
    if not recorded:
        return fault_without_records(connection, loader)
    if unknown := recorded - ours - {*replaced}:
        return Fault(
            f"has migrations that this package does not know: {listed(unknown)}",
            f"Migrate back to 0015 with the version of {PEER} that they came with",
        )
    if SQUASHED[1] not in recorded and (missing := {*replaced} - recorded):
        return Fault(f"lacks migrations of {PEER}: {listed(missing)}", COME_BACK)
    if columns := [*missing_columns(connection, loader)]:
        return Fault(
            f"lacks columns, though the migrations that make them are recorded: "
            f"{listed(columns)}",
            f"{COME_BACK}; there, first --fake the last migration that was really made",
        )
    return None


def fault_without_records(
    connection: BaseDatabaseWrapper, loader: MigrationLoader
) -> Fault | None:
    if not (tables := tables_in(connection, loader)):
        return None
    return Fault(
        f"has tables of this app, and no record of who made them: {listed(tables)}",
        f"If they are {PEER}'s, install its 4.1 in place of this package, --fake the "
        "last migration that was really made, migrate to 0015, and come back. If a "
        "first migrate was interrupted, drop these empty tables",
    )


def listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def tables_in(connection: BaseDatabaseWrapper, loader: MigrationLoader) -> set[str]:
    """The tables of the app that are there."""
    return {*columns_by_table(loader)} & {*connection.introspection.table_names()}


def missing_columns(
    connection: BaseDatabaseWrapper, loader: MigrationLoader
) -> Iterator[str]:
    there = tables_in(connection, loader)
    for table, columns in columns_by_table(loader).items():
        found: set[str] = set()
        if table in there:
            with connection.cursor() as cursor:
                rows = connection.introspection.get_table_description(cursor, table)
            found = {row.name for row in rows}
        yield from (f"{table}.{column}" for column in columns - found)


def columns_by_table(loader: MigrationLoader) -> dict[str, set[str]]:
    """The columns of each table, as they are at its last migration."""
    models = loader.project_state(SQUASHED).apps.get_app_config(APP)
    return {
        model._meta.db_table: {
            str(field.column) for field in model._meta.local_concrete_fields
        }
        for model in models.get_models(include_auto_created=True)
    }
