"""May messages be sent, and where to?"""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils.module_loading import import_string

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.exceptions import NoRegion
from django_aws_api_gateway_websockets.messaging.regions import signing_region
from django_aws_api_gateway_websockets.models.gateways import is_https_or_loopback

MEMORY = "django_aws_api_gateway_websockets.messaging.memory_transport.MemoryTransport"


@register(Tags.security)
def check_callback_url(**_options: Any) -> list[CheckMessage]:
    if not conf.callback_url or is_address(conf.callback_url):
        return []
    return [
        Error(
            f'WEBSOCKETS["callback_url"] is {conf.callback_url!r}, where no message may '
            "be posted",
            hint="Write https:// (http:// is for loopback addresses), the host, and the "
            "stage",
            id="django_aws_api_gateway_websockets.E005",
        )
    ]


def is_address(url: str) -> bool:
    try:
        return is_https_or_loopback(url)
    except ValueError:  # of a bracket that is not closed, for one
        return False


@register(Tags.security, deploy=True)
def check_callback_url_of_a_laptop(**_options: Any) -> list[CheckMessage]:
    if not conf.callback_url.startswith("http://"):
        return []
    return [
        Warning(
            f'WEBSOCKETS["callback_url"] is {conf.callback_url!r}: messages go to this '
            "machine, as for an emulator",
            hint="Set it to the https:// address of the API's stage",
            id="django_aws_api_gateway_websockets.W013",
        )
    ]


@register(Tags.compatibility)
def check_transport(**_options: Any) -> list[CheckMessage]:
    try:
        import_string(conf.transport)
    except Exception as error:  # whatever a module raises that is imported
        return [
            Error(
                f'WEBSOCKETS["transport"] is {conf.transport!r}, which cannot be '
                f"imported: {error}",
                hint="Write the dotted path of a class that posts messages, or leave it "
                "out",
                id="django_aws_api_gateway_websockets.E006",
            )
        ]
    return []


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
