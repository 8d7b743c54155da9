"""The keys of WEBSOCKETS: is each known, and does it have a value that can be used?"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from django_aws_api_gateway_websockets.conf import conf

from .secrets import SHORTEST_SECRET
from .shown import shown, shown_number

# Of the earlier package, which makes and changes gateways on AWS.
OF_PROVISIONING = ("allowed_integration_hosts", "push_changes_to_aws")
KEY_AND_SECRET = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
TEXTS_BESIDE = (
    "AWS_ACCESS_KEY_ID",
    "AWS_GATEWAY_REGION_NAME",
    "AWS_IAM_PROFILE",
    "AWS_REGION_NAME",
    "AWS_SECRET_ACCESS_KEY",
)
CLOSE = 0.6  # as difflib measures it: a letter or two of a short word


@register(Tags.security)
def check_values(**_options: Any) -> list[CheckMessage]:
    return [
        Error(
            f'WEBSOCKETS["{each.key}"] is {shown_number(value)}: it has to be '
            f"{each.expected.text}",
            hint=f"Until it is mended, this holds: {shown(getattr(conf, each.key))}",
            id="django_aws_api_gateway_websockets.E002",
        )
        for each in conf.all_settings()
        # What is wrong with a secret is said without it, by a check of its own.
        if each.key != "gateway_secret"
        and (value := conf.websockets.get(each.key)) is not None
        and not each.expected.is_met_by(value)
    ]


@register(Tags.security)
def check_dictionary(**_options: Any) -> list[CheckMessage]:
    websockets = getattr(settings, "WEBSOCKETS", {})
    if isinstance(websockets, Mapping):
        return []
    return [
        Error(
            f"WEBSOCKETS is of the type {type(websockets).__name__}: it has to be a "
            "dictionary",
            hint="Until it is mended, the defaults hold, and no event is believed",
            id="django_aws_api_gateway_websockets.E002",
        )
    ]


@register(Tags.security)
def check_settings_of_aws(**_options: Any) -> list[CheckMessage]:
    # Without their values, two of which are secrets.
    return [
        Error(
            f"{name} is of the type {type(value).__name__}: it has to be a text",
            hint="Until it is mended, it counts as not set",
            id="django_aws_api_gateway_websockets.E002",
        )
        for name in TEXTS_BESIDE
        if (value := getattr(settings, name, None)) is not None
        and not isinstance(value, str)
    ]


@register(Tags.security)
def check_half_a_key(**_options: Any) -> list[CheckMessage]:
    there = {name for name in KEY_AND_SECRET if getattr(settings, name, None)}
    if len(there) != 1:
        return []
    [given], [missing] = there, KEY_AND_SECRET - there
    return [
        Warning(
            f"{given} is set without {missing}: neither is used",
            hint="Set both, or none",
            id="django_aws_api_gateway_websockets.W017",
        )
    ]


@register(Tags.security)
def check_unknown_keys(**_options: Any) -> list[CheckMessage]:
    known = {each.key for each in conf.all_settings()}.union(OF_PROVISIONING)
    return [
        Warning(
            f"WEBSOCKETS has {shown_key(key)}, which nothing reads",
            hint=hint_for(key, known),
            id="django_aws_api_gateway_websockets.W002",
        )
        for key in conf.websockets
        if key not in known
    ]


def shown_key(key: Any) -> str:
    """Not if it may be a secret that somebody has written as a key."""
    if not isinstance(key, str):
        return f"a key that is {shown_number(key)}"
    if len(key) >= SHORTEST_SECRET:
        return f"a key of {len(key)} letters"
    return f"the key {shown(key)}"


def hint_for(key: Any, known: set[str]) -> str:
    if isinstance(key, str) and len(key) < SHORTEST_SECRET:
        for nearest in get_close_matches(key.lower(), sorted(known), 1, CLOSE):
            return f"Do you mean {nearest!r}?"
    return f"Take it out. Known keys: {', '.join(sorted(known))}"


@register(Tags.security)
def check_keys_of_provisioning(**_options: Any) -> list[CheckMessage]:
    """Says it to whoever comes from a package where they do something."""
    return [
        Warning(
            f'WEBSOCKETS["{key}"] does nothing: no gateway is made or changed on AWS '
            "from Django here",
            hint="Take it out, or silence this",
            id="django_aws_api_gateway_websockets.W007",
        )
        for key in OF_PROVISIONING
        if key in conf.websockets
    ]
