"""Settings that are addresses, and the id that belongs to one."""

import re
from typing import Any
from urllib.parse import urlsplit

from django.core.checks import CheckMessage, Error, Tags, Warning, register

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.models.gateways import is_https_or_loopback

from .shown import shown

API_ID = re.compile(r"[!-~]{1,64}")  # as long as the column of the row that is made


def is_address(text: str, *schemes: str) -> bool:
    """A whole one, without blanks, which some would cut off and others would not."""
    try:
        url = urlsplit(text)
        has_host = bool(url.hostname) and url.port != 0
    except ValueError:  # of a bracket that is not closed, or of a port, for example
        return False
    return has_host and url.scheme in schemes and text.split() == [text]


@register(Tags.security)
def check_callback_url(**_options: Any) -> list[CheckMessage]:
    url = conf.callback_url
    if not url or (is_address(url, "https", "http") and is_https_or_loopback(url)):
        return []
    return [
        Error(
            f'WEBSOCKETS["callback_url"] is {shown(url)}, where no message may be posted',
            hint="Write https:// (http:// is for loopback addresses), the host, and the "
            "stage",
            id="django_aws_api_gateway_websockets.E005",
        )
    ]


@register(Tags.security, deploy=True)
def check_callback_url_of_a_laptop(**_options: Any) -> list[CheckMessage]:
    if not conf.callback_url.startswith("http://"):
        return []
    return [
        Warning(
            f'WEBSOCKETS["callback_url"] is {shown(conf.callback_url)}: messages go to '
            "this machine, as for an emulator",
            hint="Set it to the https:// address of the API's stage",
            id="django_aws_api_gateway_websockets.W013",
        )
    ]


@register(Tags.compatibility)
def check_websocket_url(**_options: Any) -> list[CheckMessage]:
    if not conf.websocket_url or is_address(conf.websocket_url, "wss", "ws"):
        return []
    return [
        Error(
            f'WEBSOCKETS["websocket_url"] is {shown(conf.websocket_url)}, which no page '
            "can open as a socket",
            hint="Write wss:// (or ws://, on your own machine), the host, and the stage",
            id="django_aws_api_gateway_websockets.E009",
        )
    ]


@register(Tags.compatibility)
def check_broadcast_queue_url(**_options: Any) -> list[CheckMessage]:
    url = conf.broadcast_queue_url
    if not url or is_address(url, "https", "http"):
        return []
    return [
        Error(
            f'WEBSOCKETS["broadcast_queue_url"] is {shown(url)}, which is no address of '
            "a queue",
            hint="Write the queue's URL, as SQS shows it: neither its name nor its ARN",
            id="django_aws_api_gateway_websockets.E011",
        )
    ]


@register(Tags.compatibility)
def check_api_id(**_options: Any) -> list[CheckMessage]:
    if not conf.api_id or API_ID.fullmatch(conf.api_id):
        return []
    return [
        Error(
            f'WEBSOCKETS["api_id"] is {shown(conf.api_id)}, which is no id of an API',
            hint="Write it as API Gateway shows it, such as abc123, without blanks",
            id="django_aws_api_gateway_websockets.E012",
        )
    ]
