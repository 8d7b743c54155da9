"""Variables of functions in the format of SAM's `--env-vars`.

{"Parameters": {"NAME": "value"}, "SiteFunction": {"NAME": "value"}}
"""

import reprlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway_emulator.errors import EmulatorError
from gateway_emulator.json_files import parsed_json, read_file
from gateway_emulator.template.intrinsics import text

OPTION = "--env-vars"
SHAPE = '{"Parameters": {"NAME": "value"}, "FunctionName": {"NAME": "value"}}'


def read_env_vars(path: Path) -> dict[str, dict[str, str]]:
    """Return the variables by function; an EmulatorError says what has another shape."""
    written = parsed_json(read_file(path, OPTION), path, OPTION)
    if not isinstance(written, dict):
        raise EmulatorError(f"{OPTION}: {path} must have the form {SHAPE}.")
    return {name: variables_of(name, written[name], path) for name in written}


def variables_of(function: str, written: Any, path: Path) -> dict[str, str]:
    if not isinstance(written, dict):
        raise EmulatorError(
            f"{OPTION}: {function!r} in {path} must have the form"
            f' {{"NAME": "value"}}, not {reprlib.repr(written)}.'
        )
    require_variables(function, written, path)
    return {name: text(value) for name, value in written.items()}


def require_variables(function: str, written: Mapping[str, Any], path: Path) -> None:
    """Refuse what no process can have in its environment."""
    for name, value in written.items():
        if not name or "=" in name or not is_environment_text(name):
            raise EmulatorError(
                f"{OPTION}: {name!r} of {function!r} in {path} is no name of a variable."
            )
        is_scalar = isinstance(value, str | int | float)
        if not is_scalar or not is_environment_text(text(value)):
            raise EmulatorError(
                f"{OPTION}: {name!r} of {function!r} in {path} must be a text or a"
                f" number, not {reprlib.repr(value)}."
            )


def is_environment_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # half a character, which JSON can escape
        return False
    return "\0" not in value
