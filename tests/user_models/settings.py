"""A project with models of its own beside the user's."""

from pathlib import Path

from tests.settings import *  # noqa: F403
from tests.settings import DATABASE_FILE, DATABASES, INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.user_models"]
if "sqlite" in DATABASES["default"]["ENGINE"]:
    # Not that of the tests that run this one.
    DATABASES["default"]["TEST"] = {"NAME": Path(f"{DATABASE_FILE}-users")}
else:
    DATABASES["default"]["TEST"] = {"NAME": "test_user_models"}
