"""The least that either app needs to send messages; without one, what Django takes anyhow."""

import os

SECRET_KEY = "nothing is signed with it"  # noqa: S105
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
]
if os.environ["MEASURED_APP"]:
    INSTALLED_APPS.append(os.environ["MEASURED_APP"])
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["MEASURED_DATABASE"],
    }
}
USE_TZ = True
AWS_GATEWAY_REGION_NAME = os.environ["AWS_REGION"]
WEBSOCKETS = {"callbacks_per_second": 0}  # as fast as it can
