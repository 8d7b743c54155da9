"""A value as a message shows it: whole if it is short."""

from reprlib import Repr
from typing import Any

short = Repr()
short.maxstring = short.maxother = 80


def shown(value: Any) -> str:
    return short.repr(value)
