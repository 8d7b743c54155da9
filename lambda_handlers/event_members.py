"""Is this the event that a function is for? Any other is an error that says why."""

from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Callable, Mapping
from typing import Any

Members = Mapping[str, Callable[[Any], bool]]


class UnknownEvent(ValueError):
    """The function was invoked with something that it is not for."""


def require_event(event: Any, members: Members, *, of: str) -> None:
    """Raise UnknownEvent unless each member, by its dotted name, is what it has to be."""
    wrong = [name for name, fits in members.items() if not fits(member(event, name))]
    if wrong:
        raise UnknownEvent(
            f"This is no event of {of}: it lacks {', '.join(wrong)}, "
            "or has something else there"
        )
    if event.get("isBase64Encoded") and not is_base64(event.get("body") or ""):
        raise UnknownEvent(
            f"This is no event of {of}: its body is no base64, and isBase64Encoded is set"
        )


def member(event: Any, dotted_name: str) -> Any:
    """None where there is no such member, whatever stands in its place."""
    for name in dotted_name.split("."):
        event = event.get(name) if isinstance(event, dict) else None
    return event


def is_base64(text: str) -> bool:
    try:
        b64decode(text, validate=True)
    except (NoBase64, ValueError):
        return False
    return True


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_filled_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(is_text, value))


def is_mapping_to_text(value: Any) -> bool:
    return isinstance(value, dict) and all(map(is_text, value.values()))


def is_mapping_to_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(map(is_texts, value.values()))


def or_absent(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or fits(value)
