"""The Django that `startproject` gives, built and invoked as the site is: the peer of its artifact.

It has Django's six applications and its middleware, and one page that opens a database connection.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.builds import FUNCTIONS, compile_ahead, copy_without
from benchmarks.runtime import Function

SETTINGS = """
import json
import os

DEBUG = False
ALLOWED_HOSTS = ["*"]
DATABASES = {"default": json.loads(os.environ["DATABASE"])}
"""
SITE = ("django_app", "lambda_handlers")


def bare_django(artifact: Path, folder: Path) -> Function:
    """Put the project beside the packages of the site's artifact."""
    copy_without(SITE, artifact, folder)
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
    variables = {"DJANGO_SETTINGS_MODULE": "bare.settings"}
    return Function("bare.handler.handler", folder, variables)
