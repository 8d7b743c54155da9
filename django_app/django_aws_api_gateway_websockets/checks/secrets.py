"""The secret by which a gateway is known. No message shows one."""

import re
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.expectations import TEXTS

# Letters that survive in a header and between the quotes of a parameter mapping.
SHORTEST_SECRET = 32
GATEWAY_SECRET = re.compile(rf"[A-Za-z0-9._~+/=-]{{{SHORTEST_SECRET},}}")


@register(Tags.security)
def check_gateway_secret(**_options: Any) -> list[CheckMessage]:
    value = conf.websockets.get("gateway_secret")
    are_texts = value is None or TEXTS.is_met_by(value)
    if are_texts and all(map(GATEWAY_SECRET.fullmatch, conf.gateway_secret)):
        return []
    return [
        Error(
            'WEBSOCKETS["gateway_secret"] holds a secret that is too weak, or no text',
            hint=f"Each needs at least {SHORTEST_SECRET} letters, digits or characters of "
            "._~+/=-",
            id="django_aws_api_gateway_websockets.E001",
        )
    ]


@register(Tags.security, deploy=True)
def check_there_is_a_secret(**_options: Any) -> list[CheckMessage]:
    if conf.gateway_secret:
        return []
    return [
        Warning(
            'WEBSOCKETS["gateway_secret"] is not set: every event that comes over HTTP '
            "is refused",
            hint="Set it to what the gateway sends as X-Ws-Gateway-Secret. Silence this "
            "if Lambda hands all events to lambda_handlers.websocket_api",
            id="django_aws_api_gateway_websockets.W001",
        )
    ]
