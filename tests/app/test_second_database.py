"""A project may route the app to a database of its own, with the users or without.

What a client lives through there, and the pages of the admin.
"""

import os
import subprocess
import sys

import pytest

FILES = ["tests/second_database/life.py", "tests/second_database/admin_pages.py"]
SQLITE = ""
TESTED = os.environ.get("DATABASE_URL", SQLITE)
SERVER = SQLITE if TESTED.startswith("sqlite:") else TESTED

# Where users are, what the default database is, and what the app's own one is. No server
# keeps rows that refer to users whom it has not. Django names the tables between two
# others as is right for the default one, and no server takes names as long as SQLite.
MIXES = [
    ("default", SERVER, SQLITE),
    ("sockets", SERVER, SQLITE),
    ("sockets", SERVER, SERVER),
]


@pytest.mark.parametrize(("users", "default", "sockets"), dict.fromkeys(MIXES))
def test_all_works_on_a_second_database(users, default, sockets):
    urls = {"DATABASE_URL": default, "SOCKETS_URL": sockets}
    environment = {**os.environ, "USERS_DATABASE": users, **urls}
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", *FILES),
            *("--ds=tests.second_database.settings", "-q", "-p", "no:cacheprovider"),
        ],
        env={name: value for name, value in environment.items() if value},
        capture_output=True,
        text=True,
        timeout=100,
    )

    assert run.returncode == 0, run.stdout
