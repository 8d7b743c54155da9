"""The Python that workers run in: the emulator's own, or one that holds what Lambda's runtime holds."""

import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from enum import Enum
from importlib.util import find_spec

from gateway_emulator.errors import EmulatorError

OLDEST_VERSION = (3, 11)
ANSWER_SECONDS = 10
QUESTION = """
import importlib.util, json, platform
print(json.dumps([platform.python_version(), bool(importlib.util.find_spec("awslambdaric"))]))
"""


class RuntimeClient(Enum):
    """The program that asks the Runtime API for events and calls the handler."""

    AWSLAMBDARIC = "awslambdaric"  # AWS's own; there are wheels for Linux only
    RUNTIME_LOOP = "runtime_loop"  # ours, standard library only


@dataclass(frozen=True)
class Interpreter:
    """An interpreter's path, its version, and the best runtime client that it holds."""

    path: str
    version: str
    client: RuntimeClient


def own_interpreter() -> Interpreter:
    """Return the interpreter that the emulator itself runs in."""
    has_awslambdaric = find_spec("awslambdaric") is not None
    return Interpreter(
        sys.executable, platform.python_version(), best_client(has_awslambdaric)
    )


def interpreter_at(python: str) -> Interpreter:
    """Ask another interpreter what it is; an EmulatorError says why it cannot be used."""
    found = shutil.which(python)
    if found is None:
        raise EmulatorError(
            f"--python: {python!r} is no program that can be run; name a Python"
            " interpreter, for example .venv/bin/python."
        )
    version, has_awslambdaric = version_and_client(found, python)
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_VERSION:
        raise EmulatorError(
            f"--python: {python!r} is Python {version}; workers need"
            f" {'.'.join(map(str, OLDEST_VERSION))} or newer."
        )
    # Not resolved: an environment's interpreter is a link that must be called as it is.
    return Interpreter(os.path.abspath(found), version, best_client(has_awslambdaric))  # noqa: PTH100


def version_and_client(found: str, python: str) -> tuple[str, bool]:
    """Return the version, and whether AWS's runtime client can be imported."""
    try:
        asked = subprocess.run(  # noqa: S603 - the user names the program
            [found, "-c", QUESTION],
            capture_output=True,
            check=True,
            env={
                name: os.environ[name]
                for name in ("HOME", "PATH")
                if name in os.environ
            },
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=ANSWER_SECONDS,
        )
        version, has_awslambdaric = json.loads(asked.stdout)
        return str(version), bool(has_awslambdaric)
    except (OSError, subprocess.SubprocessError, TypeError, ValueError) as error:
        raise EmulatorError(
            f"--python: {python!r} does not answer as a Python interpreter does"
            f" ({reason(error)}); name one of version"
            f" {'.'.join(map(str, OLDEST_VERSION))} or newer."
        ) from error


def reason(error: Exception) -> str:
    match error:
        case subprocess.CalledProcessError():
            return f"exit status {error.returncode}"
        case subprocess.TimeoutExpired():
            return f"silent for {ANSWER_SECONDS} seconds"
        case OSError():
            return str(error.strerror)
    return "another program"


def best_client(has_awslambdaric: bool) -> RuntimeClient:
    if has_awslambdaric:
        return RuntimeClient.AWSLAMBDARIC
    return RuntimeClient.RUNTIME_LOOP
