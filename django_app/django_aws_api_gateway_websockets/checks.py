import re
from typing import Any

from django.core.checks import CheckMessage, Error

from .conf import conf
from .origins import Origin

# Letters that survive in a header and between the quotes of a parameter mapping.
GATEWAY_SECRET = re.compile(r"[A-Za-z0-9._~+/=-]{32,}")


def check_allowed_origins(**_options: Any) -> list[CheckMessage]:
    unreadable = [entry for entry in conf.allowed_origins or () if not is_origin(entry)]
    if not unreadable:
        return []
    return [
        Error(
            f'WEBSOCKETS["allowed_origins"] holds what is no origin: {unreadable}',
            hint="Write https://site.example or .site.example, without a path or slash",
            id="django_aws_api_gateway_websockets.E003",
        )
    ]


def is_origin(entry: str) -> bool:
    return Origin.parse(entry, default_scheme="https") is not None


def check_gateway_secret(**_options: Any) -> list[CheckMessage]:
    if all(GATEWAY_SECRET.fullmatch(secret) for secret in conf.gateway_secret):
        return []
    return [
        Error(
            'WEBSOCKETS["gateway_secret"] holds a secret that is too weak',
            hint="Each needs at least 32 letters, digits or characters of ._~+/=-",
            id="django_aws_api_gateway_websockets.E001",
        )
    ]
