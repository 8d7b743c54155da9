import re
from collections.abc import Callable
from inspect import signature
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register

from .conf import conf
from .origins import Origin
from .routing import (
    DeclaredHandlers,
    own_methods,
    own_unbound_methods,
    uncallable_names,
)
from .views_in_use import urls_in_use, views_in_use

# Letters that survive in a header and between the quotes of a parameter mapping.
GATEWAY_SECRET = re.compile(r"[A-Za-z0-9._~+/=-]{32,}")


@register(Tags.security)
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


@register(Tags.security)
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


@register(Tags.security, deploy=True)
def check_addresses_of_clients(**_options: Any) -> list[CheckMessage]:
    """Asks where no template of this project has deployed the gateway."""
    if conf.api_id or conf.trusted_proxy_count:
        return []
    if not any(getattr(view, "RATE_LIMIT_ENABLED", False) for view in views_in_use()):
        return []
    return [
        Warning(
            "Limits by address are off, or can be forged, unless each gateway maps "
            "X-Ws-Source-Ip",
            hint="Map integration.request.header.X-Ws-Source-Ip to "
            "context.identity.sourceIp and silence this, or set "
            'WEBSOCKETS["trusted_proxy_count"]',
            id="django_aws_api_gateway_websockets.W006",
        )
    ]


HINT_OF_URLS = 'Write path("ws/<slug:route>", …)'


@register(Tags.urls)
def check_urls_without_route(**_options: Any) -> list[CheckMessage]:
    return [
        Error(
            f"The URL {url.text!r} of {url.view.__name__} does not name the route",
            hint=HINT_OF_URLS,
            obj=url.view,
            id="django_aws_api_gateway_websockets.E004",
        )
        for url in urls_in_use()
        if "route" not in url.arguments
    ]


@register(Tags.urls)
def check_urls_with_a_slash(**_options: Any) -> list[CheckMessage]:
    """API Gateway asks without one, and follows no redirect."""
    return [
        Warning(
            f"The URL {url.text!r} of {url.view.__name__} ends in a slash: events, "
            "which come without, are redirected or not found",
            hint=HINT_OF_URLS,
            obj=url.view,
            id="django_aws_api_gateway_websockets.W010",
        )
        for url in urls_in_use()
        if url.text.removesuffix("$").removesuffix(r"\Z").endswith("/")
    ]


@register(Tags.urls)
def check_undeclared_handlers(**_options: Any) -> list[CheckMessage]:
    """Names what clients could call in a package that this one takes the place of."""
    return [
        Warning(
            f"Clients cannot call {type(view).__name__}.{name}, which looks like a handler",
            hint="Make it a plain method with @handler, or begin its name with an "
            "underscore",
            obj=type(view),
            id="django_aws_api_gateway_websockets.W008",
        )
        for view in views_in_use()
        for name in sorted(undeclared_handlers(view))
    ]


def undeclared_handlers(view: DeclaredHandlers) -> set[str]:
    if view.ALLOWED_HANDLERS:
        return set()  # there, these were all that clients could call
    own = own_methods(type(view)) | own_unbound_methods(type(view))
    undeclared = own - view._handlers.keys() - uncallable_names(view)
    return {name for name in undeclared if takes_a_message(getattr(view, name))}


def takes_a_message(method: Callable[..., Any]) -> bool:
    try:
        signature(method).bind("request", route="default")
    except TypeError:
        return False
    return True


@register(Tags.urls)
def check_uncallable_handlers(**_options: Any) -> list[CheckMessage]:
    return [
        Warning(
            f"Clients cannot call {type(view).__name__}.{name}, declared as a handler",
            hint="It has to be a plain method, and neither its name a part of the view "
            "itself nor its first letter an underscore",
            obj=type(view),
            id="django_aws_api_gateway_websockets.W009",
        )
        for view in views_in_use()
        for name in sorted(uncallable_names(view))
    ]


@register(Tags.urls, deploy=True)
def check_automatic_handlers(**_options: Any) -> list[CheckMessage]:
    return [
        Warning(
            f"Clients can call every public method that {type(view).__name__} has added",
            hint="Mark those meant for them with @handler, and take AUTOMATIC_HANDLERS away",
            obj=type(view),
            id="django_aws_api_gateway_websockets.W005",
        )
        for view in views_in_use()
        if view.AUTOMATIC_HANDLERS
    ]
