from typing import Any

import dj_database_url

# Readers go on while one writes, and a commit does not wait for the disk.
SQLITE_OPTIONS = {
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    # A transaction that starts as a reader cannot become a writer while others write.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,  # seconds
}

CONN_MAX_AGE = 600  # seconds: to open a connection costs more than an event


def database(url: str) -> dict[str, Any]:
    """Django's entry for this address."""
    if url.startswith("sqlite:"):
        kept = dj_database_url.parse(url, conn_max_age=CONN_MAX_AGE)
        return {**kept, "OPTIONS": SQLITE_OPTIONS}
    # Lambda freezes it between two events, and servers close what is silent.
    return {
        **dj_database_url.parse(url, conn_max_age=CONN_MAX_AGE, conn_health_checks=True)
    }
