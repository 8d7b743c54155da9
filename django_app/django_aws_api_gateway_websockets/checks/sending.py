"""Can messages be sent, and for which region?"""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils.module_loading import import_string

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.exceptions import NoRegion
from django_aws_api_gateway_websockets.messaging.regions import signing_region

from .shown import shown, shown_error

MEMORY = "django_aws_api_gateway_websockets.messaging.memory_transport.MemoryTransport"


@register(Tags.compatibility)
def check_transport(**_options: Any) -> list[CheckMessage]:
    if not (fault := fault_of_transport(conf.transport)):
        return []
    return [
        Error(
            f'WEBSOCKETS["transport"] {fault}',
            hint="Write the dotted path of a class that posts messages, or leave it out",
            id="django_aws_api_gateway_websockets.E006",
        )
    ]


def fault_of_transport(path: str) -> str:
    if not is_dotted_path(path):
        return "is no dotted path"  # and not shown: it may be anything, a secret too
    try:
        found = import_string(path)
    except Exception as error:  # whatever a module raises that is imported
        return f"is {shown(path)}, which cannot be imported: {shown_error(error)}"
    if isinstance(found, type) and callable(getattr(found, "perform", None)):
        return ""
    return f"is {shown(path)}, which is no class with a method perform"


def is_dotted_path(path: str) -> bool:
    names = path.split(".")
    return len(names) > 1 and all(map(str.isidentifier, names))


@register(Tags.security, deploy=True)
def check_transport_of_tests(**_options: Any) -> list[CheckMessage]:
    if conf.transport != MEMORY:
        return []
    return [
        Warning(
            'WEBSOCKETS["transport"] is the one for tests: no message is ever sent',
            hint="Take it out of the settings that you deploy",
            id="django_aws_api_gateway_websockets.W014",
        )
    ]


@register(Tags.compatibility, deploy=True)
def check_region(**_options: Any) -> list[CheckMessage]:
    try:
        signing_region(conf.callback_url)
    except NoRegion:
        return [
            Warning(
                "Nothing says which AWS region messages are signed for: only those to "
                "gateways whose address names it can be sent",
                hint="Set AWS_GATEWAY_REGION_NAME (or AWS_REGION_NAME)",
                id="django_aws_api_gateway_websockets.W003",
            )
        ]
    except ValueError:
        return []  # of an address that another check complains about
    return []
