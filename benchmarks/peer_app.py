"""The closest peer, in a copy of the site's artifact: it takes the place of our app.

So both have the same Django, adapter, settings and database, and differ by nothing else.
"""

import shutil
from dataclasses import replace
from pathlib import Path

from benchmarks.builds import compile_ahead, copy_without
from benchmarks.errors import BenchmarkError
from benchmarks.runtime import ROOT
from gateway_emulator.template.deployment import Function

APP = "django_aws_api_gateway_websockets"  # the import root of both


def with_peers_app(site: Function, folder: Path) -> Function:
    """Copy the artifact into a folder, with the peer's app."""
    copy_without([APP], site.code, copy=folder)
    app = folder / "django_app" / APP
    shutil.copytree(installed_app(), app, ignore=shutil.ignore_patterns("__pycache__"))
    compile_ahead(app)
    environment = {
        name: value.replace(str(site.code), str(folder))
        for name, value in site.environment.items()
    }
    return replace(site, code=folder, environment=environment)


def installed_app() -> Path:
    for found in ROOT.glob(f".venv-peer/lib/python*/site-packages/{APP}"):
        return found
    raise BenchmarkError(
        "There is no peer to compare with: `make .venv-peer/peer` gets it."
    )
