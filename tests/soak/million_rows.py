"""A million sessions and twenty thousand channels, made by the database itself."""

from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Field

from django_aws_api_gateway_websockets.models import (
    ApiGateway,
    ChannelPermission,
    WebSocketSession,
)

ROWS, OPEN, CHANNELS, USERS = 1_000_000, 100_000, 20_000, 1_000
DIGITS = " UNION ALL ".join(f"SELECT {digit} AS d" for digit in range(10))
NUMBERS = "SELECT {} AS n FROM {}".format(
    " + ".join(f"d{place}.d * {10**place}" for place in range(6)),
    ", ".join(f"({DIGITS}) d{place}" for place in range(6)),
)


def make_rows() -> None:
    """A third is in the lobby, the newest are open, and each user has a thousand."""
    make_sessions()
    insert(
        ChannelPermission,
        f"SELECT * FROM ({NUMBERS}) AS all_numbers WHERE n < {CHANNELS}",
        channel_name=text("'channel-'", "n"),
        created_on="CURRENT_TIMESTAMP",
        updated_on="CURRENT_TIMESTAMP",
    )
    look_at_tables()


def make_sessions() -> None:
    User.objects.bulk_create(User(username=f"user-{n}") for n in range(USERS))
    first = User.objects.get(username="user-0").pk
    gateway = ApiGateway.objects.create(api_name="large", api_id="large1")
    channel, is_open = text("'channel-'", f"n % {CHANNELS}"), f"n >= {ROWS - OPEN}"
    reason = "WHEN n % 1000 = 17 THEN 'staff' ELSE 'disconnect'"
    insert(
        WebSocketSession,
        NUMBERS,
        connection_id=text("'c'", "n", "'='"),
        channel_name=f"CASE WHEN n % 3 = 0 THEN 'lobby' ELSE {channel} END",
        user_id=f"{first} + n % {USERS}",
        api_gateway_id=str(gateway.pk),
        connected=f"CASE WHEN {is_open} THEN TRUE ELSE FALSE END",
        closed_reason=f"CASE WHEN {is_open} THEN '' {reason} END",
        created_on="CURRENT_TIMESTAMP",
        updated_on="CURRENT_TIMESTAMP",
        closed_on="NULL",
    )


def text(*parts: str) -> str:
    if connection.vendor == "sqlite":
        return " || ".join(f"({part})" for part in parts)
    return f"CONCAT({', '.join(parts)})"


def insert(model: Any, rows: str, **values: str) -> None:
    """Fill the table by one statement; columns that are not named get their default."""
    fields: list[Field[Any, Any]] = model._meta.concrete_fields[1:]
    unnamed = [field for field in fields if field.column not in values]
    defaults = [
        field.get_db_prep_save(field.get_default(), connection) for field in unnamed
    ]
    escaped = {column: sql.replace("%", "%%") for column, sql in values.items()}
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    selected = ", ".join(escaped.get(field.column, "%s") for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({columns}) "
            f"SELECT {selected} FROM ({rows}) AS numbered ORDER BY n",
            defaults,
        )


def look_at_tables() -> None:
    """Let the database know how large they have become."""
    tables = f" TABLE {WebSocketSession._meta.db_table}"
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE{tables if connection.vendor == 'mysql' else ''}")
