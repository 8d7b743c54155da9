"""Which method answers a message: a table, declared by the view and never guessed."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeVar, overload

HandlerMethod = TypeVar("HandlerMethod", bound=Callable[..., Any])

MARK = "answers_messages"
PING = "ping"
MAX_NAME_LENGTH = 64  # of a name in the log, which a client may have made up


@overload
def handler(method: HandlerMethod, /) -> HandlerMethod: ...
@overload
def handler() -> Callable[[HandlerMethod], HandlerMethod]: ...
def handler(method: Callable[..., Any] | None = None) -> Any:
    """Let clients call this method of a WebSocketView by its name."""

    def mark(method: HandlerMethod) -> HandlerMethod:
        if method.__name__.startswith("_"):
            raise ValueError(f"{method.__name__}: a handler has no leading underscore")
        setattr(method, MARK, True)
        return method

    return mark if method is None else mark(method)


def names_of_handlers(view: type, allowed: str | Iterable[str]) -> frozenset[str]:
    """The names that a client may use: those marked, those allowed, and `default`."""
    allowed_names = (allowed,) if isinstance(allowed, str) else allowed
    return table_of(view, frozenset(allowed_names))


@lru_cache(maxsize=256)  # once for each view class
def table_of(view: type, allowed: frozenset[str]) -> frozenset[str]:
    marked = {
        name
        for ancestor in view.__mro__
        for name, attribute in vars(ancestor).items()
        if hasattr(attribute, MARK)
    }
    return frozenset(
        name
        for name in {*marked, *allowed, "default"}
        if not name.startswith("_") and is_plain_method(view, name)
    )


def is_plain_method(view: type, name: str) -> bool:
    return inspect.isfunction(inspect.getattr_static(view, name, None))


def requested_handler(message: Mapping[str, Any], names: frozenset[str]) -> str | None:
    """`handler` before `action`; None where neither names a handler."""
    for key in ("handler", "action"):
        if is_name_in(names, name := message.get(key)):
            return str(name)
    return None


def is_name_in(names: frozenset[str], name: object) -> bool:
    return isinstance(name, str) and name in names


def is_ping(message: Mapping[str, Any], names: frozenset[str]) -> bool:
    """A view may declare a `ping` of its own."""
    return message.get("handler") == PING and PING not in names


def reason_for_no_handler(view: type, message: Mapping[str, Any]) -> str:
    """For the log: what was asked for, and what its author may have forgotten."""
    asked = message.get("handler", message.get("action"))
    if not isinstance(asked, str):
        return "the name of the handler is no text"
    reason = f"no handler {asked[:MAX_NAME_LENGTH]!r}, and no default()"
    is_own = asked != "default" and not asked.startswith("_")
    if is_own and is_plain_method(view, asked):
        return f"{reason}: {view.__name__}.{asked} has no @handler"
    return reason
