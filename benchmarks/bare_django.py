"""The Django that `startproject` gives, built and invoked as the site is: the peer of its artifact.

It has Django's six applications and its middleware, and one page that opens a database connection.
"""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks.builds import FUNCTIONS, compile_ahead, copy_without
from gateway_emulator.template.deployment import Function

SETTINGS = """
import json
import os

DEBUG = False
ALLOWED_HOSTS = ["*"]
DATABASES = {"default": json.loads(os.environ["DATABASE"])}
"""
NOT_BARE = ("django_app", "lambda_handlers")


def bare_django(site: Function, folder: Path) -> Function:
    """Put the project beside the packages of the site's artifact."""
    copy_without(NOT_BARE, site.code, copy=folder)
    subprocess.run(
        [sys.executable, "-m", "django", "startproject", "bare", str(folder)],
        check=True,
    )
    project = folder / "bare"
    with (project / "settings.py").open("a", encoding="utf-8") as settings:
        settings.write(SETTINGS)
    shutil.copy(FUNCTIONS / "bare_urls.py", project / "urls.py")
    shutil.copy(FUNCTIONS / "bare_handler.py", project / "handler.py")
    compile_ahead(project)
    return replace(
        site,
        handler="bare.handler.handler",
        code=folder,
        environment={"DJANGO_SETTINGS_MODULE": "bare.settings"},
    )
