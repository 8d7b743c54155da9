from typing import Any

import dj_database_url

# Readers go on while one writes, and a commit does not wait for the disk.
SQLITE_OPTIONS = {
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    # A transaction that starts as a reader cannot become a writer while others write.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,  # seconds
}


def database(url: str) -> dict[str, Any]:
    """Django's entry for this address."""
    if url.startswith("sqlite:"):
        return {**dj_database_url.parse(url), "OPTIONS": SQLITE_OPTIONS}
    # A connection costs more than an event, and Lambda freezes it between two.
    return {**dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True)}
