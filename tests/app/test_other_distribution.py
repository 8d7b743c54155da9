"""Another distribution has been installed over this one, under the same name to import.

Its files are there in place of ours, beside those of ours that it has none of.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import django_aws_api_gateway_websockets as app

SETTINGS = """
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django_aws_api_gateway_websockets",
]
SECRET_KEY = "k" * 50
USE_TZ = True
"""
PEERS_CONF = "def get_setting(name): ..."
PEERS_APPS = f"""
from django.apps import AppConfig

class TheOtherConfig(AppConfig):
    name = "{app.__name__}"
"""
METADATA = """\
Metadata-Version: 2.1
Name: django-aws-api-gateway-websockets
Version: 4.1.0
"""


@pytest.fixture
def site(tmp_path):
    """A folder with a project and the app."""
    [source] = app.__path__
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(source, tmp_path / app.__name__, ignore=ignored)
    (tmp_path / "site_settings.py").write_text(SETTINGS)
    return tmp_path


def check(site: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "django", "check"],
        cwd=site,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "site_settings",
            "PYTHONPATH": str(site),
        },
        capture_output=True,
        text=True,
    )


def overwrite(site: Path) -> None:
    """As pip does it, with the files that have names of ours."""
    (site / app.__name__ / "conf.py").write_text(PEERS_CONF)
    (site / app.__name__ / "apps.py").write_text(PEERS_APPS)


def add_metadata(site: Path) -> None:
    folder = site / "django_aws_api_gateway_websockets-4.1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(METADATA)


def test_installed_last_it_is_named_with_what_to_do(site):
    overwrite(site)
    add_metadata(site)

    done = check(site)

    said = done.stderr.splitlines()[-1]
    assert done.returncode == 1
    assert said.startswith("django.core.exceptions.ImproperlyConfigured: ")
    assert "django-aws-api-gateway-websockets 4.1.0 is installed beside" in said
    assert "pip uninstall django-aws-api-gateway-websockets" in said


def test_installed_first_it_is_found_by_the_check(site):
    add_metadata(site)

    done = check(site)

    assert done.returncode == 1
    assert ".E008) django-aws-api-gateway-websockets 4.1.0" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_else_cannot_be_imported_is_said_as_it_is(site):
    overwrite(site)

    done = check(site)

    said = done.stderr.splitlines()[-1]
    assert said.startswith("ImportError: cannot import name ")


def test_this_one_alone_has_nothing_to_say(site):
    assert check(site).returncode == 0
