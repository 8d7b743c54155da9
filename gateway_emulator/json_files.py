"""Read a file of JSON that the command line names; what is wrong with it is one sentence."""

import json
from pathlib import Path
from typing import Any

from gateway_emulator.errors import EmulatorError


def read_file(path: Path, option: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EmulatorError(
            f"{option}: {path} cannot be read ({error.strerror})."
        ) from error


def parsed_json(written: bytes, path: Path, option: str) -> Any:
    """Return what the bytes say; an EmulatorError names the line and column of a mistake."""
    try:
        return json.loads(written.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise EmulatorError(
            f"{option}: {path} is not UTF-8 text (at byte {error.start})."
        ) from error
    except json.JSONDecodeError as error:
        raise EmulatorError(
            f"{option}: {path} is not JSON ({error.msg}, line {error.lineno}"
            f" column {error.colno})."
        ) from error
    except (RecursionError, ValueError) as error:  # too deep, a number too long
        raise EmulatorError(f"{option}: {path} is not JSON ({error}).") from error
