"""The environment, where an empty variable counts as unset."""

import os

from django.core.exceptions import ImproperlyConfigured

from .secrets_manager import read_secret


def optional(name: str) -> str | None:
    return os.environ.get(name) or None


def required(name: str, *, meaning: str) -> str:
    if (value := optional(name)) is None:
        raise ImproperlyConfigured(f"{name} is not set: it is {meaning}")
    return value


def required_secret(name: str, *, in_secrets_manager: str, meaning: str) -> str:
    """The variable itself, or else the secret that the other variable names."""
    if (value := optional(name)) is not None:
        return value
    if (secret := optional(in_secrets_manager)) is not None:
        return secret_value(secret, named_by=in_secrets_manager, meaning=meaning)
    raise ImproperlyConfigured(
        f"Neither {name} nor {in_secrets_manager} is set: it is {meaning}"
    )


def secret_value(secret: str, *, named_by: str, meaning: str) -> str:
    try:
        return read_secret(secret)
    except Exception as error:  # boto3's errors, imported only where one is read
        raise ImproperlyConfigured(
            f"{named_by} names the secret '{secret}', which cannot be read ({error}):"
            f" it is {meaning}"
        ) from error


def required_choice(name: str, *choices: str, meaning: str) -> str:
    value = required(name, meaning=meaning)
    if value not in choices:
        raise ImproperlyConfigured(
            f"{name} is '{value}': it is {meaning}, {' or '.join(choices)}"
        )
    return value
