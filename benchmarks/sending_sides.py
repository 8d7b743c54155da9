"""Who sends: each app in fresh processes of its environment, with a database of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.builds import FUNCTIONS
from benchmarks.errors import BenchmarkError
from benchmarks.peer_app import APP, installed_app
from benchmarks.runtime import ROOT
from benchmarks.sending_stub import HOST, REGION

OURS, PEER, BARE = "ours", "peer", "bare Django"
PATIENCE = 600  # seconds: the peer needs minutes for 100,000 recipients


@dataclass(frozen=True)
class Side:
    """A Python, and the environment of its processes."""

    label: str
    python: Path
    environment: Mapping[str, str]

    def run(self, function: str, *, port: int = 0, **arguments: Any) -> dict[str, Any]:
        """Return what a function of `functions/sending.py` says, in a fresh process."""
        ended = subprocess.run(
            [self.python, FUNCTIONS / "sending.py", function, json.dumps(arguments)],
            env={**self.environment, "MEASURED_PORT": str(port)},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        if ended.returncode:
            raise BenchmarkError(f"{function}, {self.label}, fails:\n{ended.stderr}")
        said: dict[str, Any] = json.loads(ended.stdout)
        return said


def both_sides(
    folder: Path, authority: Path, sizes: Collection[int]
) -> dict[str, Side]:
    """Make each side's database, with channels of these sizes."""
    peers_python = installed_app().parents[3] / "bin" / "python"
    sides = {
        PEER: side(PEER, peers_python, folder, authority),
        OURS: with_path(
            side(OURS, Path(sys.executable), folder, authority), ROOT / "django_app"
        ),
    }
    for each in sides.values():
        each.run("prepare", sizes=sorted(sizes))
    return sides


def side(label: str, python: Path, folder: Path, authority: Path) -> Side:
    environment = {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_CA_BUNDLE": str(authority),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_REGION": REGION,
        "AWS_SECRET_ACCESS_KEY": "the-secret-of-nobody",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "DJANGO_SETTINGS_MODULE": "sending_settings",
        "MEASURED_APP": APP,
        "MEASURED_DATABASE": str(folder / f"{label}.sqlite3"),
        "MEASURED_HOST": HOST,
    }
    return Side(label, python, environment)


def with_path(one: Side, folder: Path) -> Side:
    return replace(one, environment={**one.environment, "PYTHONPATH": str(folder)})


def without_app(one: Side) -> Side:
    """What Django takes by itself, on the same database."""
    environment = {**one.environment, "MEASURED_APP": ""}
    return replace(one, label=BARE, environment=environment)
