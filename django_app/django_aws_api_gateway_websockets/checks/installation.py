"""Is what is imported this package alone?"""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from django_aws_api_gateway_websockets.models.installation import (
    HINT,
    other_distribution,
)


@register(Tags.compatibility)
def check_other_distribution(**_options: Any) -> list[CheckMessage]:
    """Where the other one came last, importing the models has said so already."""
    if not (text := other_distribution()):
        return []
    return [Error(text, hint=HINT, id="django_aws_api_gateway_websockets.E008")]
