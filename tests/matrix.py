"""What was tested with what: each run adds a line to the table that `.ci/run` prints."""

import os
import sys
import time
from pathlib import Path
from typing import Any

import django

COUNTED = ("passed", "failed", "error", "skipped", "xfailed")
DATABASES = {"postgres": "PostgreSQL", "mysql": "MariaDB"}

begin = time.monotonic()
# Taken from the environment: workers, and what tests start, add none.
table, note = (os.environ.pop(name, "") for name in ("MATRIX", "MATRIX_NOTE"))
scheme = os.environ.get("DATABASE_URL", "").partition(":")[0]
database = ", ".join(filter(None, [DATABASES.get(scheme, "SQLite"), note]))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not table:
        return
    passed, failed, errors, skipped, expected = (
        len(terminalreporter.stats.get(each, ())) for each in COUNTED
    )
    line = (
        f"{database:28} {django.get_version():8} {sys.version.split()[0]:8}"
        f" {passed + expected:6} {failed + errors:7} {skipped:8}"
        f" {time.monotonic() - begin:8.0f}\n"
    )
    with Path(table).open("a") as file:
        file.write(line)
