"""What a setting, or an attribute of a view, has to be: in words, and as a test."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeGuard

# With it as minutes, a limit still fits into the columns that count microseconds.
MOST = 1_000_000_000


@dataclass(frozen=True)
class Expectation:
    text: str
    is_met_by: Callable[[Any], bool]


def whole_number(*, least: int = 1, most: int = MOST) -> Expectation:
    return Expectation(
        f"a whole number from {least} to {most}",
        lambda value: is_whole_number(value) and least <= value <= most,
    )


def is_whole_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def are_several(value: Any) -> TypeGuard[Collection[Any]]:
    """Of the kinds that can be read again: a generator is empty after the first time."""
    return isinstance(value, list | tuple | set | frozenset)


def are_texts(value: Any) -> bool:
    return is_text(value) or (are_several(value) and all(map(is_text, value)))


def is_pattern(value: Any) -> bool:
    try:
        return isinstance(re.compile(value).pattern, str)
    except (TypeError, re.error):
        return False


FLAG = Expectation("True or False", lambda value: isinstance(value, bool))
TEXT = Expectation("a text", is_text)
TEXTS = Expectation("a text, or a list, tuple or set of texts", are_texts)
PATTERN = Expectation("a regular expression", is_pattern)
FUNCTIONS = Expectation(
    "a tuple of functions",
    lambda value: isinstance(value, tuple | list) and all(map(callable, value)),
)
