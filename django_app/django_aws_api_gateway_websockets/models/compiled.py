"""Queries of each event, whose SQL is made once.

For a small query Django takes several times as long to build the SQL, and to find out
how to read the answer, as the database takes to answer. So what an event asks for is
written with the ORM, compiled the first time that a database is asked, and kept. Where a
value goes stands a `Parameter`.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import connections, models, transaction
from django.db.models import Expression
from django.db.models.query import ModelIterable
from django.db.models.sql import UpdateQuery

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
        with (
            transaction.mark_for_rollback_on_error(using),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement.sql, statement.params_with(values, connection))
            return int(cursor.rowcount)

    def compile(self, model: type[models.Model], using: str) -> Statement:
        rows, changes = self.build(model._default_manager.using(using))
        query: Any = rows.query.chain(UpdateQuery)
        query.add_update_values(changes)
        return Statement(*query.get_compiler(using).as_sql())


class CompiledSelect(Generic[Row]):
    """One SELECT of one row, with the rows that it refers to."""

    def __init__(
        self, build: Callable[[models.QuerySet[Row]], models.QuerySet[Row]]
    ) -> None:
        self.build = build
        self.queries: dict[str, KeptQuery] = {}

    def first(self, model: type[Row], using: str, **values: Any) -> Row | None:
        """The row of the model's table, if there is one."""
        if (query := self.queries.get(using)) is None:
            rows = self.build(model._default_manager.using(using))
            query = self.queries[using] = KeptQuery(rows[:1], using)
        return next(iter(ModelIterable(query.rows_with(values))), None)


class KeptQuery:
    """Gives Django the compiler that has made the SQL already."""

    def __init__(self, rows: models.QuerySet[Any], using: str) -> None:
        self.model = rows.model
        self.using = using
        self.compiler = rows.query.get_compiler(using)
        self.statement = Statement(*self.compiler.as_sql())
        columns = [expression for expression, *_ in self.compiler.select]
        self.converters = self.compiler.get_converters(columns)

    def rows_with(self, values: Mapping[str, Any]) -> models.QuerySet[Any]:
        bound: Any = BoundQuery(self, values)
        return models.QuerySet(self.model, query=bound, using=self.using)


class BoundQuery:
    def __init__(self, query: KeptQuery, values: Mapping[str, Any]) -> None:
        self.query = query
        self.values = values

    def get_compiler(self, using: str) -> Any:
        # A copy, as it is of the thread that has asked: connections are.
        compiler: Any = copy(self.query.compiler)
        compiler.connection = connections[using]
        params = self.query.statement.params_with(self.values, compiler.connection)
        compiler.as_sql = lambda: (self.query.statement.sql, tuple(params))
        compiler.get_converters = lambda _columns: self.query.converters
        return compiler
