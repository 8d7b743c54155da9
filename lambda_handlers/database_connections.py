"""Lambda freezes connections between two events, and servers close those that are silent."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import close_old_connections


@contextmanager
def checked_connections() -> Iterator[None]:
    """Drop connections that broke or are too old, before and after, as requests do."""
    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()
