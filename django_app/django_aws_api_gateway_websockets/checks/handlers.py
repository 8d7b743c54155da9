"""The methods of views that clients can call, and those that only look like it."""

from collections.abc import Callable
from inspect import signature
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register

from django_aws_api_gateway_websockets.routing import (
    DeclaredHandlers,
    own_methods,
    own_unbound_methods,
    uncallable_names,
)

from .view_attributes import readable_views


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
        for view in readable_views()
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
    except (TypeError, ValueError):  # also of what has no signature to look at
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
        for view in readable_views()
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
        for view in readable_views()
        if view.AUTOMATIC_HANDLERS
    ]
