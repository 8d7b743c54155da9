"""Lambda freezes connections between two events, and servers close those that are silent."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import close_old_connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


@contextmanager
def checked_connections() -> Iterator[None]:
    """Drop connections that broke or are too old, before and after, as requests do."""
    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()


@contextmanager
def no_connection_left() -> Iterator[None]:
    """Close in the end what any thread has opened and not closed itself."""
    opened: list[BaseDatabaseWrapper] = []

    def remember(connection: BaseDatabaseWrapper, **_: Any) -> None:
        opened.append(connection)

    connection_created.connect(remember)
    try:
        yield
    finally:
        connection_created.disconnect(remember)
        for wrapper in opened:
            # Its thread has ended, and Django lets no other one close the wrapper.
            if wrapper.connection is not None:
                wrapper.connection.close()
