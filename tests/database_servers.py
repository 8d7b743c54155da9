"""What PostgreSQL and MariaDB say in words of their own about their connections."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

OPEN = {
    "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()",
    "mysql": "SELECT count(*) FROM information_schema.processlist WHERE db = database()",
}


def open_connections(connection: BaseDatabaseWrapper) -> int:
    """How many there are to this database."""
    return int(answer(connection, OPEN[connection.vendor]))


def end_from_elsewhere(connection: BaseDatabaseWrapper) -> None:
    """End this connection as a server does that is restarted."""
    if connection.vendor == "postgresql":
        number = answer(connection, "SELECT pg_backend_pid()")
        command = f"SELECT pg_terminate_backend({number}, 5000)"
    else:
        command = f"KILL {answer(connection, 'SELECT connection_id()')}"
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute(command)
    other.close()


def answer(connection: BaseDatabaseWrapper, question: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]
