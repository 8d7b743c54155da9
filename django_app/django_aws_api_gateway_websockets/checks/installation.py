"""Is what is imported this package alone?"""

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

PEER = "django-aws-api-gateway-websockets"


@register(Tags.compatibility)
def check_other_distribution(**_options: Any) -> list[CheckMessage]:
    try:
        installed = version(PEER)
    except PackageNotFoundError:
        return []
    return [
        Error(
            f"{PEER} {installed} is installed beside this package, and both are "
            "imported by the same name: whichever came last has overwritten files of "
            "the other",
            hint=f"pip uninstall {PEER}, which takes shared files along, and then "
            "pip install --force-reinstall --no-deps django-serverless-websockets",
            id="django_aws_api_gateway_websockets.E008",
        )
    ]
