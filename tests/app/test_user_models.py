"""Users are saved and deleted by proxies and children of their model too."""

import os
import subprocess
import sys


def test_the_end_of_a_login_is_heard_from_each_model():
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "tests/user_models/changes.py"),
            *("--ds=tests.user_models.settings", "-q", "-p", "no:cacheprovider"),
        ],
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=100,
    )

    assert run.returncode == 0, run.stdout
