"""Steps of migrations that may be repeated.

MariaDB does not roll back what changes tables, nor does Aurora DSQL: a `migrate` that is
interrupted there leaves a migration half done, and not recorded. These steps look first
at what is there, so the next `migrate` goes on where that one has stopped.
"""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor as SchemaEditor
from django.db.migrations.operations import (
    AddField,
    AddIndex,
    CreateModel,
    RemoveIndex,
)
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Model


class Added(Operation):
    """Is made where it is missing, and backwards removed where it is there."""

    model_name: str

    def database_forwards(
        self,
        app_label: str,
        schema_editor: SchemaEditor,
        from_state: Any,
        to_state: Any,
    ) -> None:
        model = self.model_of(app_label, to_state)
        if schema_editor.collect_sql or self.is_missing(schema_editor, model):
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: SchemaEditor,
        from_state: Any,
        to_state: Any,
    ) -> None:
        model = self.model_of(app_label, from_state)
        if schema_editor.collect_sql or not self.is_missing(schema_editor, model):
            super().database_backwards(app_label, schema_editor, from_state, to_state)

    def model_of(self, app_label: str, state: ProjectState) -> type[Model]:
        return state.apps.get_model(app_label, self.model_name)

    def is_missing(self, schema_editor: SchemaEditor, model: type[Model]) -> bool:
        raise NotImplementedError


class AddFieldIfMissing(Added, AddField):
    def is_missing(self, schema_editor: SchemaEditor, model: type[Model]) -> bool:
        columns = {each.name: each.column for each in model._meta.concrete_fields}
        return columns[self.name] not in names_in(schema_editor, model)


class AddIndexIfMissing(Added, AddIndex):
    def is_missing(self, schema_editor: SchemaEditor, model: type[Model]) -> bool:
        return self.index.name not in names_in(schema_editor, model)


class RemoveIndexIfThere(RemoveIndex):
    def database_forwards(
        self,
        app_label: str,
        schema_editor: SchemaEditor,
        from_state: Any,
        to_state: Any,
    ) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        if schema_editor.collect_sql or self.name in names_in(schema_editor, model):
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: SchemaEditor,
        from_state: Any,
        to_state: Any,
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if schema_editor.collect_sql or self.name not in names_in(schema_editor, model):
            super().database_backwards(app_label, schema_editor, from_state, to_state)


class CreateModelIfMissing(Added, CreateModel):
    def database_forwards(
        self,
        app_label: str,
        schema_editor: SchemaEditor,
        from_state: Any,
        to_state: Any,
    ) -> None:
        super().database_forwards(app_label, schema_editor, from_state, to_state)
        model = self.model_of(app_label, to_state)
        alias = schema_editor.connection.alias
        if not schema_editor.collect_sql and self.allow_migrate_model(alias, model):
            finish(schema_editor, model)

    def model_of(self, app_label: str, state: ProjectState) -> type[Model]:
        return state.apps.get_model(app_label, self.name)

    def is_missing(self, schema_editor: SchemaEditor, model: type[Model]) -> bool:
        return not names_in(schema_editor, model)


def finish(schema_editor: SchemaEditor, model: type[Model]) -> None:
    """Make the indexes and foreign keys that follow at a migration's end, once each."""
    planner = schema_editor.connection.schema_editor(collect_sql=True)
    planner.deferred_sql = []
    planner.create_model(model)
    planned = {*map(str, schema_editor.deferred_sql)}
    there = names_in(schema_editor, model)
    for statement in planner.deferred_sql:
        name = str(statement.parts["name"]).strip('`"')
        if str(statement) not in planned and name not in there:
            schema_editor.deferred_sql.append(statement)


def names_in(schema_editor: SchemaEditor, model: type[Model]) -> set[str | None]:
    """The names of its table's columns, indexes and constraints; none without the table."""
    introspection = schema_editor.connection.introspection
    table = model._meta.db_table
    with schema_editor.connection.cursor() as cursor:
        if table not in introspection.table_names(cursor):
            return set()
        columns = introspection.get_table_description(cursor, table)
        constraints = introspection.get_constraints(cursor, table)
    return {column.name for column in columns} | {*constraints}
