"""Queries of each event, whose SQL is made once.

For a small query Django takes several times as long to build the SQL, and to find out
how to read the answer, as the database takes to answer. So what an event asks for is
written with the ORM, compiled the first time that a database is asked, and kept. Where a
value goes stands a `Parameter`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Self, TypeVar

from django.db import connections, models, transaction
from django.db.models import Expression
from django.db.models.sql import UpdateQuery

from django_aws_api_gateway_websockets.transactions import repeat_on_conflict

Row = TypeVar("Row", bound=models.Model)


class Parameter(Expression):
    """Stands in a query for a value that each execution gives."""

    def __init__(self, name: str, output_field: "models.Field[Any, Any]") -> None:
        super().__init__(output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]

    def value_in(self, values: Mapping[str, Any], connection: Any) -> Any:
        value = values[self.name]
        if isinstance(value, datetime):  # the one kind that databases write differently
            return connection.ops.adapt_datetimefield_value(value)
        return value


@dataclass(frozen=True)
class Statement:
    sql: str
    params: Sequence[Any]

    def params_with(self, values: Mapping[str, Any], connection: Any) -> list[Any]:
        return [
            each.value_in(values, connection) if isinstance(each, Parameter) else each
            for each in self.params
        ]


class CompiledUpdate:
    """One UPDATE: rows of a database, and what becomes of their columns."""

    def __init__(
        self,
        build: Callable[
            [models.QuerySet[Any]], tuple[models.QuerySet[Any], dict[str, Any]]
        ],
    ) -> None:
        self.build = build
        self.statements: dict[str, Statement] = {}

    def execute(self, model: type[models.Model], using: str, **values: Any) -> int:
        """How many rows of the model's table it has found."""
        if (statement := self.statements.get(using)) is None:
            statement = self.statements[using] = self.compile(model, using)
        connection = connections[using]
        sql, params = statement.sql, statement.params_with(values, connection)

        def update() -> int:
            with (
                transaction.mark_for_rollback_on_error(using),
                connection.cursor() as cursor,
            ):
                cursor.execute(sql, params)
                return int(cursor.rowcount)

        return repeat_on_conflict(update, using=using)

    def compile(self, model: type[models.Model], using: str) -> Statement:
        rows, changes = self.build(model._default_manager.using(using))
        query: Any = rows.query.chain(UpdateQuery)
        query.add_update_values(changes)
        return Statement(*query.get_compiler(using).as_sql())


class CompiledSelect(Generic[Row]):
    """One SELECT of one row, and of the rows that it refers to by `select_related`."""

    def __init__(
        self, build: Callable[[models.QuerySet[Row]], models.QuerySet[Row]]
    ) -> None:
        self.build = build
        self.readers: dict[str, RowReader[Row]] = {}

    def first(self, model: type[Row], using: str, **values: Any) -> Row | None:
        """The row of the model's table, if there is one."""
        if (reader := self.readers.get(using)) is None:
            rows = self.build(model._default_manager.using(using))
            reader = self.readers[using] = RowReader(rows[:1], using)
        connection = connections[using]
        with connection.cursor() as cursor:
            params = reader.statement.params_with(values, connection)
            cursor.execute(reader.statement.sql, params)
            row = cursor.fetchone()
        return None if row is None else reader.instance(list(row), connection)


class RowReader(Generic[Row]):
    """Makes an instance of a row, as Django does, from what was found out once."""

    def __init__(self, rows: models.QuerySet[Row], using: str) -> None:
        compiler = rows.query.get_compiler(using)
        self.statement = Statement(*compiler.as_sql())
        self.using = using
        columns = [expression for expression, *_ in compiler.select]
        self.converters = compiler.get_converters(columns)
        joined: Any = compiler.klass_info
        self.row = Columns.of(joined, columns)
        self.related = [
            (each["field"], Columns.of(each, columns))
            for each in joined.get("related_klass_infos", ())
        ]

    def instance(self, row: list[Any], connection: Any) -> Row:
        for position, (convert, expression) in self.converters.items():
            for each in convert:
                row[position] = each(row[position], expression, connection)
        instance: Row = self.row.instance(self.using, row)
        for field, columns in self.related:
            field.set_cached_value(instance, columns.instance(self.using, row))
        return instance


@dataclass(frozen=True)
class Columns:
    """Those of one model in a row."""

    model: type[models.Model]
    names: list[str]
    place: slice
    key: int

    @classmethod
    def of(cls, joined: Any, columns: Sequence[Any]) -> Self:
        positions = joined["select_fields"]
        place = slice(positions[0], positions[-1] + 1)
        names = [column.target.attname for column in columns[place]]
        model = joined["model"]
        return cls(
            model, names, place, place.start + names.index(model._meta.pk.attname)
        )

    def instance(self, using: str, row: list[Any]) -> Any:
        """None where the join has found nothing."""
        if row[self.key] is None:
            return None
        return self.model.from_db(using, self.names, row[self.place])
