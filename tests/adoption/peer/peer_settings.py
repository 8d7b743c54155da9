"""A site of django-aws-api-gateway-websockets 4.1, in the environment of that package."""

import json
import os

DATABASES = {"default": json.loads(os.environ["PEER_DATABASE"])}
if DATABASES["default"]["ENGINE"].endswith("mysql"):
    import pymysql

    pymysql.install_as_MySQLdb()

SECRET_KEY = os.environ["PEER_SECRET_KEY"]
ALLOWED_HOSTS = ["site.example"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django_aws_api_gateway_websockets",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
ROOT_URLCONF = "peer_site"
SESSION_COOKIE_SECURE = True
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"  # as for the new database
AWS_GATEWAY_REGION_NAME = "eu-west-1"
WEBSOCKETS = {"push_changes_to_aws": False}
