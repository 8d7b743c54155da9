"""The app in a database of its own; where users are, the environment says."""

import os
from pathlib import Path

from tests.settings import *  # noqa: F403
from tests.settings import DATABASE_FILE, DATABASES

USERS_DATABASE = os.environ["USERS_DATABASE"]
OTHER_FILE = Path(f"{DATABASE_FILE}-sockets")
OPTIONS = DATABASES["default"]["OPTIONS"]
if USERS_DATABASE != "sockets":
    # Users of another database satisfy no constraint of this one.
    command = f"{OPTIONS['init_command']} PRAGMA foreign_keys=OFF"
    OPTIONS = {**OPTIONS, "init_command": command}
DATABASES["sockets"] = {
    **DATABASES["default"],
    "NAME": OTHER_FILE,
    "OPTIONS": OPTIONS,
    "TEST": {"NAME": OTHER_FILE},
}
DATABASE_ROUTERS = ["tests.second_database.router.Router"]
