"""A value as a message shows it: in part if it is long, and without a password."""

import re
from reprlib import Repr
from typing import Any

# Of an address: all before the last @, which may be in a password as well.
USERINFO = re.compile(r"(\A(?:[a-z][a-z0-9+.-]*:)?//|\A).*@", re.IGNORECASE | re.DOTALL)


class Short(Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = 80

    def repr1(self, x: Any, level: int) -> str:
        if isinstance(x, str):  # a class of its own may have any __repr__
            return self.repr_str(USERINFO.sub(r"\1…@", str.__str__(x)), level)
        return super().repr1(x, level)

    def repr_int(self, x: int, level: int) -> str:
        try:
            return super().repr_int(x, level)
        except ValueError:  # it has more digits than Python writes
            return f"<a number of {x.bit_length()} bits>"


short = Short()


def shown(value: Any) -> str:
    return short.repr(value)


def shown_number(value: Any) -> str:
    """Anything else as its type alone: it may be a secret that is at the wrong place."""
    if isinstance(value, int | float):
        return shown(value)
    return f"of the type {type(value).__name__}"


def shown_error(error: Exception) -> str:
    try:
        text = str(error)
    except Exception:  # of a class of somebody else
        return type(error).__name__
    return f"{type(error).__name__}: {USERINFO.sub('…@', text)[:200]}"
