"""Which method answers a message: a table, declared by the view and never guessed."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar, overload

from django.forms import BaseForm

HandlerMethod = TypeVar("HandlerMethod", bound=Callable[..., Any])

MARK = "answers_messages"
PING = "ping"
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

    def mark(method: HandlerMethod) -> HandlerMethod:
        if method.__name__.startswith("_"):
            raise ValueError(f"{method.__name__}: a handler has no leading underscore")
        setattr(method, MARK, Handler(method.__name__, form))
        return method

    return mark if method is None else mark(method)


def handlers_of(
    view: type, *allowed: str | Iterable[str], automatic: bool = False
) -> Mapping[str, Handler]:
    """Those marked, those allowed, `default` and `change_channel`, by name."""
    return table_of(view, frozenset(map(as_names, allowed)), automatic)


def as_names(names: str | Iterable[str]) -> frozenset[str]:
    return frozenset((names,) if isinstance(names, str) else names)


@lru_cache(maxsize=256)  # once for each view class
def table_of(
    view: type, allowed: frozenset[frozenset[str]], automatic: bool
) -> Mapping[str, Handler]:
    marked = marked_handlers(view)
    names = {*marked, *ALWAYS, *frozenset().union(*allowed)}
    if automatic:
        names |= own_methods(view)
    return {
        name: marked.get(name) or Handler(name)
        for name in names
        if not name.startswith("_") and is_plain_method(view, name)
    }


def marked_handlers(view: type) -> dict[str, Handler]:
    """A method that overrides a marked one is marked like it."""
    return {
        name: getattr(attribute, MARK)
        for ancestor in reversed(view.__mro__)
        for name, attribute in vars(ancestor).items()
        if hasattr(attribute, MARK)
    }


def own_methods(view: type) -> set[str]:
    """The public methods that the project has added to its view, and their bases'."""
    framework = [
        each for each in view.__mro__ if each.__module__.startswith(FRAMEWORKS)
    ]
    inherited = {name for each in framework for name in vars(each)}
    return {
        name
        for ancestor in view.__mro__
        if ancestor not in framework
        for name in vars(ancestor)
        if name not in inherited and not name.startswith("_")
    }


FRAMEWORKS = ("django.", f"{__package__}.", "builtins")


def is_plain_method(view: type, name: str) -> bool:
    return inspect.isfunction(inspect.getattr_static(view, name, None))


def requested_handler(
    message: Mapping[str, Any], handlers: Mapping[str, Handler], keys: Iterable[str]
) -> Handler | None:
    """The first of these keys whose value names a handler; None if there is none."""
    for key in keys:
        name = message.get(key)
        if isinstance(name, str) and name in handlers:
            return handlers[name]
    return None


def is_ping(
    message: Mapping[str, Any], handlers: Mapping[str, Handler], key: str
) -> bool:
    """A view may declare a `ping` of its own."""
    return message.get(key) == PING and PING not in handlers


def reason_for_no_handler(
    view: type, message: Mapping[str, Any], keys: Iterable[str]
) -> str:
    """For the log: what was asked for, and what its author may have forgotten."""
    asked = next((message[key] for key in keys if key in message), None)
    if not isinstance(asked, str):
        return "the name of the handler is no text"
    reason = f"no handler {asked[:MAX_NAME_LENGTH]!r}, and no default()"
    is_own = asked != "default" and not asked.startswith("_")
    if is_own and is_plain_method(view, asked):
        return f"{reason}: {view.__name__}.{asked} has no @handler"
    return reason
