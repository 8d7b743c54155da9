"""The origins that may connect: can each be read?"""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.origins import Origin

from .shown import shown


@register(Tags.security)
def check_allowed_origins(**_options: Any) -> list[CheckMessage]:
    unreadable = [entry for entry in conf.allowed_origins or () if not is_origin(entry)]
    if not unreadable:
        return []
    return [
        Error(
            f'WEBSOCKETS["allowed_origins"] holds what is no origin: {shown(unreadable)}',
            hint="Write https://site.example or .site.example, without a path or slash",
            id="django_aws_api_gateway_websockets.E003",
        )
    ]


def is_origin(entry: str) -> bool:
    return Origin.parse(entry, default_scheme="https") is not None
