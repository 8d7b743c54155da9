"""What a view declares: can it be used, and does it do what its author may think?"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register

from django_aws_api_gateway_websockets.admission.permission_hooks import permissions
from django_aws_api_gateway_websockets.expectations import (
    FLAG,
    FUNCTIONS,
    PATTERN,
    TEXT,
    TEXTS,
    Expectation,
    whole_number,
)
from django_aws_api_gateway_websockets.models import WebSocketSession
from django_aws_api_gateway_websockets.routing import (
    is_framework,
    own_methods,
    own_names,
    own_unbound_methods,
)
from django_aws_api_gateway_websockets.views_in_use import UrlInUse, views_in_use

from .shown import shown, shown_error

LONGEST_CHANNEL_NAME = WebSocketSession._meta.get_field("channel_name").max_length or 0
PERMISSION = re.compile(r"[^.\s]+\.\S+")
MISSING = object()
CLOSE = 0.85  # as difflib measures it: a letter or two of most names

ATTRIBUTES: Mapping[str, Expectation] = {
    "USE_WS_TOKEN": FLAG,
    "RATE_LIMIT_ENABLED": FLAG,
    "RATE_LIMIT_MAX_ATTEMPTS": whole_number(least=0),
    "RATE_LIMIT_WINDOW_MINUTES": whole_number(least=0),
    "permissions_required": TEXTS,
    "all_permissions_required": TEXTS,
    "CHECK_PERMISSIONS_ON_CONNECT": FLAG,
    "ALLOW_UNLISTED_CHANNELS": FLAG,
    "CHANNEL_NAME_PATTERN": PATTERN,
    "MAX_CHANNEL_NAME_LENGTH": whole_number(most=LONGEST_CHANNEL_NAME),
    "ALLOWED_HANDLERS": TEXTS,
    "ADDITIONAL_ALLOWED_HANDLERS": TEXTS,
    "AUTOMATIC_HANDLERS": FLAG,
    "handler_selection_key": TEXT,
    "route_selection_key": TEXT,
    "MAX_BODY_SIZE": whole_number(),
    "atomic": FLAG,
    "SEND_EXCEPTION_MAIL": FLAG,
    "EXCEPTION_MAIL_INTERVAL": whole_number(least=0),
    "debug": FLAG,
    "required_headers": TEXTS,
    "additional_required_headers": TEXTS,
    "required_connection_headers": TEXTS,
    "CHECK_CONNECT_USERAGENT": FLAG,
    "expected_useragent_prefix": TEXT,
    "checks": FUNCTIONS,
}


def readable_views() -> Iterator[Any]:
    """The views in use whose attributes can be looked at without a request."""
    for view in made_views():
        values = declared_attributes(view)
        if not wrong_ones(values) and not any(map(is_computed, values.values())):
            yield view


def made_views() -> Iterator[Any]:
    """Those in use, without the ones that a check of their own names."""
    for url in views_in_use():
        view = made(url)
        if not isinstance(view, Exception):
            yield view


def made(url: UrlInUse) -> Any:
    """The view, or what it raises when it is made, or looked at as the checks do."""
    try:
        view = url.make()
        values = declared_attributes(view)
        if not wrong_ones(values) and not any(map(is_computed, values.values())):
            methods = own_methods(type(view)) | own_unbound_methods(type(view))
            for name in (*values, "_handlers", *methods):
                getattr(view, name)
    except Exception as error:  # it is the project's code
        return error
    return view


def declared_attributes(view: Any) -> dict[str, Any]:
    """As they are written: no property or other descriptor is asked."""
    values = {name: inspect.getattr_static(view, name, MISSING) for name in ATTRIBUTES}
    return {name: value for name, value in values.items() if value is not MISSING}


def wrong_ones(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in values.items()
        if not is_computed(value) and not ATTRIBUTES[name].is_met_by(value)
    }


def is_computed(value: Any) -> bool:
    """Such as a property: what comes of it is known when there is a request."""
    return hasattr(type(value), "__get__") and not inspect.isfunction(value)


def is_own(view: Any, name: str) -> bool:
    """Has the project made this attribute or method of its view?"""
    own = (each for each in type(view).__mro__ if not is_framework(each))
    return any(name in vars(each) for each in own)


@register(Tags.urls)
def check_views_can_be_made(**_options: Any) -> list[CheckMessage]:
    return [
        Error(
            f"{url.view.__name__} can be neither made nor looked at without a request: "
            f"{shown_error(error)}",
            hint="Make it as as_view() does, with these options alone, and ask for what "
            "belongs to a request in setup() or later",
            obj=url.view,
            id="django_aws_api_gateway_websockets.E013",
        )
        for url in views_in_use()
        if isinstance(error := made(url), Exception)
    ]


@register(Tags.urls)
def check_attributes(**_options: Any) -> list[CheckMessage]:
    return [
        Error(
            f"{type(view).__name__}.{name} is {shown(value)}: it has to be "
            f"{ATTRIBUTES[name].text}",
            hint="Write such a value, or leave it out: then the default holds",
            obj=type(view),
            id="django_aws_api_gateway_websockets.E007",
        )
        for view in made_views()
        for name, value in wrong_ones(declared_attributes(view)).items()
    ]


@register(Tags.urls)
def check_misspelt_attributes(**_options: Any) -> list[CheckMessage]:
    return [
        Warning(
            f"{type(view).__name__}.{name} is no attribute that is read",
            hint=f"Do you mean {nearest}? If not, silence this",
            obj=type(view),
            id="django_aws_api_gateway_websockets.W015",
        )
        for view in made_views()
        for name, nearest in misspelt_attributes(type(view))
    ]


def misspelt_attributes(view: type) -> Iterator[tuple[str, str]]:
    by_lower_case = {name.lower(): name for name in ATTRIBUTES}
    for name in sorted(own_names(view)):
        if callable(inspect.getattr_static(view, name)):
            continue
        for nearest in get_close_matches(name.lower(), by_lower_case, 1, CLOSE):
            yield name, by_lower_case[nearest]


@dataclass(frozen=True)
class Contradiction:
    text: str
    hint: str
    holds: Callable[[Any], bool]


def requires_some_and_all(view: Any) -> bool:
    return bool(view.permissions_required and view.all_permissions_required)


def asks_for_no_permission(view: Any) -> bool:
    return bool(
        view.CHECK_PERMISSIONS_ON_CONNECT
        and not (view.permissions_required or view.all_permissions_required)
        and not is_own(view, "has_required_permissions")
    )


def sets_a_limit_that_is_off(view: Any) -> bool:
    has_limit = view.RATE_LIMIT_MAX_ATTEMPTS or view.RATE_LIMIT_WINDOW_MINUTES
    return bool(has_limit and not view.RATE_LIMIT_ENABLED)


CONTRADICTIONS = (
    Contradiction(
        "permissions_required does not count beside all_permissions_required",
        "Take one of them out",
        requires_some_and_all,
    ),
    Contradiction(
        "CHECK_PERMISSIONS_ON_CONNECT is True, but no permission is required",
        "Set permissions_required, or take it out",
        asks_for_no_permission,
    ),
    Contradiction(
        "RATE_LIMIT_MAX_ATTEMPTS and RATE_LIMIT_WINDOW_MINUTES do not count: "
        "RATE_LIMIT_ENABLED is False",
        "Take them out, or RATE_LIMIT_ENABLED",
        sets_a_limit_that_is_off,
    ),
)


@register(Tags.urls)
def check_contradictions(**_options: Any) -> list[CheckMessage]:
    return [
        Warning(
            f"{type(view).__name__}: {each.text}",
            hint=each.hint,
            obj=type(view),
            id="django_aws_api_gateway_websockets.W016",
        )
        for view in readable_views()
        for each in CONTRADICTIONS
        if each.holds(view)
    ]


@register(Tags.urls)
def check_names_of_permissions(**_options: Any) -> list[CheckMessage]:
    return [
        Warning(
            f"{type(view).__name__}.{attribute} has {shown(name)}, which is no permission: "
            "nobody but superusers has it",
            hint='Write "app_label.codename", such as "support.answer_case"',
            obj=type(view),
            id="django_aws_api_gateway_websockets.W018",
        )
        for view in readable_views()
        for attribute in ("permissions_required", "all_permissions_required")
        for name in permissions(getattr(view, attribute))
        if not PERMISSION.fullmatch(name)
    ]
