"""The site's own settings, in an environment like that of a deployed function."""

import os
import tempfile
from pathlib import Path

DATABASE_FILE = Path(tempfile.gettempdir()) / f"websockets-{os.getpid()}.sqlite3"

for name, value in {
    "DATABASE_URL": f"sqlite:///{DATABASE_FILE}",
    "DJANGO_SECRET_KEY": "a key for tests, of which nothing depends",
    "GATEWAY_SECRET": "the-secret-of-the-gateway-in-all-tests",
    "SITE_URL": "https://site.example",
    "WEBSOCKET_API_ID": "api123",
    "WEBSOCKET_CALLBACK_URL": "https://socket.example/production",
    "WEBSOCKET_INTEGRATION": "http",
    "WEBSOCKET_URL": "wss://socket.example/production",
}.items():
    os.environ.setdefault(name, value)

# SOCKETS_URL: what tests/second_database has beside it.
if "mysql:" in os.environ["DATABASE_URL"] + os.environ.get("SOCKETS_URL", ""):
    # Django asks for mysqlclient, which takes a compiler to install.
    import pymysql

    pymysql.install_as_MySQLdb()

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, WEBSOCKETS  # noqa: E402

# Django 6.1 asks for it; the tests replace it.
MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend"}}
# Looked for when they are asked for, and not all for each client that a test makes.
WHITENOISE_AUTOREFRESH = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WEBSOCKETS["transport"] = (
    "django_aws_api_gateway_websockets.messaging.memory_transport.MemoryTransport"
)
if "sqlite" in DATABASES["default"]["ENGINE"]:
    # A file: threads that race each other each open it for themselves.
    DATABASES["default"]["TEST"] = {"NAME": DATABASE_FILE}
