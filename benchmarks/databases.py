"""The databases that are measured with: SQLite, and PostgreSQL where there is one."""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import dj_database_url

from gateway_emulator.template.deployment import Function


def databases(folder: Path) -> Mapping[str, str]:
    """Return addresses by name."""
    found = {"SQLite": f"sqlite:///{folder / 'db.sqlite3'}"}
    url = os.environ.get("DATABASE_URL", "")
    if url.startswith("postgres"):
        found["PostgreSQL"] = url
    return found


def on_database(function: Function, url: str) -> Function:
    """Give a function its database, as an address and as an entry of Django's DATABASES."""
    variables = {
        "DATABASE": json.dumps(dj_database_url.parse(url)),
        "DATABASE_URL": url,
    }
    return replace(function, environment={**function.environment, **variables})
