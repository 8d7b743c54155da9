"""The project's settings, from the environment that template.yaml sets."""

from typing import Any

from config import environment
from config.databases import database
from config.log_lines import without_traceback
from config.site_url import SiteUrl

# ------------------------------------------------------------ from the environment
SITE_URL = environment.required(
    "SITE_URL", meaning="the site's public address, for example https://site.example"
)
SECRET_KEY = environment.required_secret(
    "DJANGO_SECRET_KEY",
    in_secrets_manager="DJANGO_SECRET_ARN",
    meaning="the key that Django signs with",
)
DATABASES = {
    "default": database(
        environment.required_secret(
            "DATABASE_URL",
            in_secrets_manager="DATABASE_URL_SECRET",
            meaning="the database, for example postgres://user:password@host/name",
        )
    )
}
WEBSOCKET_INTEGRATION = environment.required_choice(
    "WEBSOCKET_INTEGRATION",
    "http",
    "lambda",
    meaning="the way events take from the WebSocket API",
)
WEBSOCKETS: dict[str, Any] = {
    "websocket_url": environment.required(
        "WEBSOCKET_URL", meaning="what browsers open, with the stage"
    ),
    "callback_url": environment.required(
        "WEBSOCKET_CALLBACK_URL", meaning="where messages are posted, with the stage"
    ),
    "api_id": environment.required(
        "WEBSOCKET_API_ID", meaning="the id of the WebSocket API"
    ),
    # Without a queue, messages to however many are sent at once.
    "broadcast_queue_url": environment.optional("BROADCAST_QUEUE_URL"),
}
# With the lambda integration no request over HTTP is an event: without a secret, none
# is believed.
if WEBSOCKET_INTEGRATION == "http":
    WEBSOCKETS["gateway_secret"] = environment.required_secret(
        "GATEWAY_SECRET",
        in_secrets_manager="GATEWAY_SECRET_ARN",
        meaning="what the WebSocket API shows to prove itself",
    )

# ---------------------------------------------------------- from the site's address
site = SiteUrl.parse(SITE_URL)
ALLOWED_HOSTS = [site.host]
CSRF_TRUSTED_ORIGINS = [site.origin]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = site.is_secure
WEBSOCKETS["allowed_origins"] = [site.origin]

# ---------------------------------------------------------------- the same everywhere
DEBUG = False
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True  # serves the apps' own files, so nothing is collected

INSTALLED_APPS = [
    "demo",
    "django_aws_api_gateway_websockets",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s %(message)s"}},
    "filters": {
        "without_traceback": {
            "()": "django.utils.log.CallbackFilter",
            "callback": without_traceback,
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "demo": {"level": "INFO"},
        "django": {"handlers": [], "level": "INFO"},
        "django.security.DisallowedHost": {"filters": ["without_traceback"]},
        "django_aws_api_gateway_websockets": {"level": "INFO"},
        "lambda_handlers": {"level": "INFO"},
    },
}
