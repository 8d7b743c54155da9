"""The databases that are measured with: SQLite, and PostgreSQL where there is one."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import dj_database_url
import psycopg
from psycopg.sql import SQL, Identifier

from gateway_emulator.template.deployment import Function


def databases(folder: Path) -> Mapping[str, str]:
    """Return addresses by name."""
    found = {"SQLite": f"sqlite:///{folder / 'db.sqlite3'}"}
    url = os.environ.get("DATABASE_URL", "")
    if url.startswith("postgres"):
        found["PostgreSQL"] = url
    return found


@contextmanager
def own_databases(owner: str, folder: Path) -> Iterator[Mapping[str, str]]:
    """Yield addresses by name, of databases that hold nothing of anybody else."""
    its_folder = folder / owner
    its_folder.mkdir()
    found = dict(databases(its_folder))
    if "PostgreSQL" not in found:
        yield found
        return
    with schema(owner, found["PostgreSQL"]) as address:
        yield {**found, "PostgreSQL": address}


@contextmanager
def schema(name: str, url: str) -> Iterator[str]:
    """Make an empty schema while the block runs, and yield its address."""
    drop = SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(name))
    create = SQL("CREATE SCHEMA {}").format(Identifier(name))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(drop)  # what an interrupted run has left
        connection.execute(create)
        try:
            yield f"{url}{'&' if '?' in url else '?'}currentSchema={name}"
        finally:
            connection.execute(drop)


def on_database(function: Function, url: str) -> Function:
    """Give a function its database, as an address and as an entry of Django's DATABASES."""
    variables = {
        "DATABASE": json.dumps(dj_database_url.parse(url)),
        "DATABASE_URL": url,
    }
    return replace(function, environment={**function.environment, **variables})
