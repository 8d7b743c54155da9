"""The earlier package, django-aws-api-gateway-websockets 4.1, in an environment of its own."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from django.conf import settings

from tests.adoption.databases import entry
from tests.docs.pages import ROOT

PYTHON = ROOT / ".venv-peer" / "bin" / "python"
STEPS = Path(__file__).parent / "peer" / "take_steps.py"


def peer(alias: str, *steps: str) -> list[Any]:
    """Let its site take these steps in a database; what each of them has to say."""
    run = subprocess.run(
        [PYTHON, STEPS, *steps],
        env={
            "DJANGO_SETTINGS_MODULE": "peer_settings",
            "PATH": os.environ["PATH"],
            "PEER_DATABASE": json.dumps(entry(alias)),
            "PEER_SECRET_KEY": settings.SECRET_KEY,
        },
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]
