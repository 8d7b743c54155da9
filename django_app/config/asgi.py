import os

from django.core.asgi import get_asgi_application
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_asgi_application()

# Django answers each request in a thread of its own, and a connection ends with its
# thread: one that is kept would be open, and out of reach.
for database in connections.settings.values():
    database["CONN_MAX_AGE"] = 0
