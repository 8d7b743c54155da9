"""Databases that are made for a test, on the server that all tests use."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from django.db import connections

NUMBERS = count(1)


@contextmanager
def empty_database(folder: Path) -> Iterator[str]:
    """An alias of Django's for it, while it is there."""
    name = f"adoption_{os.getpid()}_{next(NUMBERS)}"
    default = connections["default"]
    on_server = default.vendor != "sqlite"
    if on_server:
        execute(f"CREATE DATABASE {name}")
    connections.settings[name] = {
        **connections.settings["default"],
        "NAME": name if on_server else folder / f"{name}.sqlite3",
    }
    try:
        yield name
    finally:
        connections[name].close()
        del connections[name], connections.settings[name]
        if on_server:
            execute(f"DROP DATABASE {name}")


def execute(statement: str) -> None:
    with connections["default"]._nodb_cursor() as cursor:
        cursor.execute(statement)


def entry(alias: str) -> dict[str, Any]:
    """What another process writes into its DATABASES."""
    kept = ("ENGINE", "HOST", "NAME", "PASSWORD", "PORT", "USER")
    values = {name: connections.settings[alias][name] for name in kept}
    return {**values, "NAME": str(values["NAME"])}


class RouteTo:
    """A router that sends everything to one database."""

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return self.alias

    db_for_write = db_for_read
