"""The tables of the app, in the words of the database itself."""

import re
from collections.abc import Iterable

from django.db.backends.base.base import BaseDatabaseWrapper

APP = "django_aws_api_gateway_websockets"

IN_SQLITE = f"""
    SELECT coalesce(sql, name) FROM sqlite_master WHERE tbl_name LIKE '{APP}%'
"""
IN_POSTGRESQL = f"""
    SELECT table_name || ' ' || string_agg(
        concat_ws(
            ' ', column_name, data_type, character_maximum_length, is_nullable,
            column_default, is_identity, collation_name,
            pg_get_serial_sequence(table_name, column_name)
        ), ', ' ORDER BY ordinal_position
    )
    FROM information_schema.columns WHERE table_name LIKE '{APP}%' GROUP BY table_name
    UNION ALL
    SELECT indexdef FROM pg_indexes WHERE tablename LIKE '{APP}%'
    UNION ALL
    SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE conrelid::regclass::text LIKE '{APP}%'
"""


def schema(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of constraints and the order of columns are a part of it."""
    if connection.vendor == "mysql":
        return schema_in_mariadb(connection)
    question = IN_SQLITE if connection.vendor == "sqlite" else IN_POSTGRESQL
    with connection.cursor() as cursor:
        cursor.execute(question)
        return in_lines(row[0] for row in cursor.fetchall())


def schema_in_mariadb(connection: BaseDatabaseWrapper) -> list[str]:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        statements = []
        for table in tables:
            if table.startswith(APP):
                cursor.execute(f"SHOW CREATE TABLE {table}")
                statement = cursor.fetchone()[1]
                statements.append(re.sub(r" AUTO_INCREMENT=\d+", "", statement))
        return in_lines(statements)


def in_lines(statements: Iterable[str]) -> list[str]:
    """Each column, index and constraint is a line; in which order they came is not said."""
    return sorted(
        f"{re.split('[(,]', each)[0]}: {line.strip(' ,)')}"
        for each in statements
        for line in re.split(r", |\n", each)
    )


def columns(connection: BaseDatabaseWrapper) -> dict[str, list[str]]:
    """The columns of each table, in their order."""
    with connection.cursor() as cursor:
        return {
            table: [
                column.name
                for column in connection.introspection.get_table_description(
                    cursor, table
                )
            ]
            for table in connection.introspection.table_names(cursor)
            if table.startswith(APP)
        }
