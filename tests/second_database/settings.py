"""The app in a database of its own; where users are, the environment says.

So it does where both databases are: each is on the server of its URL, or an SQLite file.
"""

import os
from pathlib import Path

from config.databases import database
from tests.settings import *  # noqa: F403
from tests.settings import DATABASE_FILE, DATABASES

USERS_DATABASE = os.environ["USERS_DATABASE"]
SOCKETS_URL = os.environ.get("SOCKETS_URL")
OTHER_FILE = Path(f"{DATABASE_FILE}-sockets")
DATABASES["sockets"] = database(SOCKETS_URL or f"sqlite:///{OTHER_FILE}")
if not SOCKETS_URL and USERS_DATABASE != "sockets":
    # Users of another database satisfy no constraint of this one.
    options = DATABASES["sockets"]["OPTIONS"]
    command = f"{options['init_command']} PRAGMA foreign_keys=OFF"
    DATABASES["sockets"]["OPTIONS"] = {**options, "init_command": command}
for alias, kept in DATABASES.items():
    # Not that of the tests that run this one.
    on_server = "sqlite" not in kept["ENGINE"]
    kept["TEST"] = {"NAME": f"test_{alias}_of_two" if on_server else kept["NAME"]}
DATABASE_ROUTERS = ["tests.second_database.router.Router"]
