"""Which method answers a message: a table, declared by the view and never guessed."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar, overload

from django.forms import BaseForm

HandlerMethod = TypeVar("HandlerMethod", bound=Callable[..., Any])

MARK = "form_of_messages"  # an attribute of each marked method
PING = "ping"
RAW_PING = b"ping"  # of client libraries that send these letters and no JSON
ALWAYS = ("default", "change_channel")
MAX_NAME_LENGTH = 64  # of a name in the log, which a client may have made up


@dataclass(frozen=True)
class Handler:
    """A method that clients may call, and the form that its messages have to fit."""

    name: str
    form: type[BaseForm] | None = None


@overload
def handler(method: HandlerMethod, /) -> HandlerMethod: ...
@overload
def handler(
    *, form: type[BaseForm] | None = None
) -> Callable[[HandlerMethod], HandlerMethod]: ...
def handler(
    method: Callable[..., Any] | None = None, *, form: type[BaseForm] | None = None
) -> Any:
    """Let clients call this method of a WebSocketView by its name.

    With a form, the method is called for messages that the form takes, and finds what
    it made of them in `self.cleaned_data`. For others the client gets an `error` frame
    with what is wrong in its `fields`.
    """

    if isinstance(method, type) and issubclass(method, BaseForm):
        raise TypeError(
            f"{method.__name__} is a form: write @handler(form={method.__name__})"
        )

    def mark(method: HandlerMethod) -> HandlerMethod:
        if method.__name__.startswith("_"):
            raise ValueError(f"{method.__name__}: a handler has no leading underscore")
        setattr(method, MARK, form)
        return method

    return mark if method is None else mark(method)


class DeclaredHandlers:
    """What a view declares about the methods that clients may call."""

    ALLOWED_HANDLERS: str | Iterable[str] = frozenset()
    ADDITIONAL_ALLOWED_HANDLERS: str | Iterable[str] = ()
    AUTOMATIC_HANDLERS: bool = False
    """True lets clients call every public method that the view's class has added."""

    handler_selection_key: str = "handler"
    route_selection_key: str = "action"
    """The key before there was the other one: asked if that one names no handler."""

    @property
    def _handlers(self) -> Mapping[str, Handler]:
        view: type = type(self)
        return table_of(view, self._allowed_names, self.AUTOMATIC_HANDLERS)

    @property
    def _allowed_names(self) -> frozenset[str]:
        lists = (self.ALLOWED_HANDLERS, self.ADDITIONAL_ALLOWED_HANDLERS)
        return frozenset().union(*map(as_names, lists))

    @property
    def _selection_keys(self) -> tuple[str, str]:
        return self.handler_selection_key, self.route_selection_key


def as_names(names: str | Iterable[str]) -> frozenset[str]:
    return frozenset((names,) if isinstance(names, str) else names)


@lru_cache(maxsize=256)  # once for each view class
def table_of(
    view: type, allowed: frozenset[str], automatic: bool
) -> Mapping[str, Handler]:
    """Those marked, those allowed, `default` and `change_channel`, by name.

    What else the view itself is made of is never called by a client, whoever allows it.
    """
    forms = forms_of_marked_methods(view)
    names = {*forms, *allowed, *ALWAYS}
    if automatic:
        names |= own_methods(view)
    return {
        name: Handler(name, forms.get(name))
        for name in names - reserved_names(view)
        if not name.startswith("_") and is_plain_method(view, name)
    }


def forms_of_marked_methods(view: type) -> dict[str, type[BaseForm] | None]:
    """A method that overrides a marked one is marked like it."""
    return {
        name: vars(attribute)[MARK]
        for ancestor in reversed(view.__mro__)
        for name, attribute in vars(ancestor).items()
        if MARK in getattr(attribute, "__dict__", ())
    }


FRAMEWORKS = ("django.", f"{__package__}.")


def is_framework(ancestor: type) -> bool:
    return ancestor is object or ancestor.__module__.startswith(FRAMEWORKS)


def reserved_names(view: type) -> set[str]:
    """The names that a view has from its framework, without those made for clients."""
    ancestors = filter(is_framework, view.__mro__)
    return {name for each in ancestors for name in vars(each)}.difference(ALWAYS)


def own_methods(view: type) -> set[str]:
    """The public methods that the project has added to its view, and their bases'."""
    return {name for name in own_names(view) if is_plain_method(view, name)}


def own_unbound_methods(view: type) -> set[str]:
    """Static and class methods, which are no handlers."""
    return {
        name
        for name in own_names(view)
        if isinstance(inspect.getattr_static(view, name), staticmethod | classmethod)
    }


def own_names(view: type) -> set[str]:
    ancestors = (each for each in view.__mro__ if not is_framework(each))
    names = {name for each in ancestors for name in vars(each)}
    return {
        name
        for name in names.difference(ALWAYS, reserved_names(view))
        if not name.startswith("_")
    }


def uncallable_names(view: DeclaredHandlers) -> set[str]:
    """What is declared in vain."""
    declared = {*forms_of_marked_methods(type(view)), *view._allowed_names}
    return declared - view._handlers.keys()


def is_plain_method(view: type, name: str) -> bool:
    return inspect.isfunction(inspect.getattr_static(view, name, None))


def requested_handler(
    message: Mapping[str, Any],
    handlers: Mapping[str, Handler],
    keys: Iterable[str],
    *,
    route: str,
) -> Handler | None:
    """The first of these keys whose value names a handler, else the route, else default.

    None where a view has made something else of `default` than a method.
    """
    for name in (*(message.get(key) for key in keys), route):
        if isinstance(name, str) and name in handlers:
            return handlers[name]
    return handlers.get("default")


def is_ping(
    message: Mapping[str, Any], handlers: Mapping[str, Handler], key: str
) -> bool:
    """A view may declare a `ping` of its own."""
    return message.get(key) == PING and PING not in handlers


def reason_for_no_handler(
    view: type, message: Mapping[str, Any], keys: Iterable[str], *, route: str
) -> str:
    """For the log: what was asked for, and what its author may have forgotten."""
    asked = next((message[key] for key in keys if key in message), route)
    if not isinstance(asked, str):
        return "the name of the handler is no text"
    reason = f"no handler {asked[:MAX_NAME_LENGTH]!r}, and no default()"
    if asked in own_methods(view):
        return f"{reason}: {view.__name__}.{asked} has no @handler"
    return reason
