"""Hashes that only this site can make: what is stored opens nothing."""

from django.conf import settings
from django.utils.crypto import salted_hmac

SALT = "django_aws_api_gateway_websockets"


def keyed_hash(value: str) -> str:
    """64 hexadecimal digits."""
    return hash_under(settings.SECRET_KEY, value)


def keyed_hashes(value: str) -> list[str]:
    """The hash, and those under keys that were in use before."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [hash_under(key, value) for key in keys]


def hash_under(key: str | bytes, value: str) -> str:
    return salted_hmac(SALT, value, secret=key, algorithm="sha256").hexdigest()
