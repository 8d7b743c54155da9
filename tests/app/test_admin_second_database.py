"""The admin works where a project routes the app to a database of its own."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("users_database", ["default", "sockets"])
def test_the_admin_shows_and_reaches_a_second_database(users_database):
    environment = {
        name: value for name, value in os.environ.items() if name != "DATABASE_URL"
    }
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "tests/second_database/admin_pages.py"),
            *("--ds=tests.second_database.settings", "-q", "-p", "no:cacheprovider"),
        ],
        env={**environment, "USERS_DATABASE": users_database},
        capture_output=True,
        text=True,
        timeout=100,
    )

    assert run.returncode == 0, run.stdout
