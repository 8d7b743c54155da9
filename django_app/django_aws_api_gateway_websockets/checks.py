import re
from collections.abc import Callable, Iterator
from inspect import signature
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.urls import URLPattern, URLResolver, get_resolver

from .conf import conf
from .origins import Origin
from .routing import DeclaredHandlers, own_methods, uncallable_names

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


@register(Tags.urls)
def check_undeclared_handlers(**_options: Any) -> list[CheckMessage]:
    """Names what clients could call in a package that this one takes the place of."""
    return [
        Warning(
            f"Clients cannot call {type(view).__name__}.{name}, which looks like a handler",
            hint="Mark it with @handler, or begin its name with an underscore",
            obj=type(view),
            id="django_aws_api_gateway_websockets.W008",
        )
        for view in views_in_use()
        for name in sorted(undeclared_handlers(view))
    ]


def undeclared_handlers(view: DeclaredHandlers) -> set[str]:
    if view.ALLOWED_HANDLERS:
        return set()  # there, these were all that clients could call
    undeclared = own_methods(type(view)) - view._handlers.keys()
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


def views_in_use() -> Iterator[DeclaredHandlers]:
    """Each as the URLs make it, once for each way that they do."""
    if not getattr(settings, "ROOT_URLCONF", None):
        return
    made: list[object] = []
    for pattern in patterns_below(get_resolver()):
        view_class: Any = getattr(pattern.callback, "view_class", None)
        options = getattr(pattern.callback, "view_initkwargs", {})
        is_ours = isinstance(view_class, type) and issubclass(
            view_class, DeclaredHandlers
        )
        if is_ours and (view_class, options) not in made:
            made.append((view_class, options))
            yield view_class(**options)


def patterns_below(resolver: URLResolver) -> Iterator[URLPattern]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from patterns_below(each)
        else:
            yield each
