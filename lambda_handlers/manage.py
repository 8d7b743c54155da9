"""A payload becomes a management command: {"command": "migrate", "arguments": ["--plan"]}.

The answer is {"exit_code": 0, "output": "…"}, with what the command printed through Python.
Neither its arguments nor that output are logged, as either may hold a secret.
"""

import io
import logging
import os
import re
import reprlib
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core.management import ManagementUtility

from config import django_setup  # noqa: F401 - before there are commands

from .event_members import UnknownEvent, is_texts
from .last_bytes import LastBytes

# Django is set up once and for all: the command line would set logging up again, into the output.
settings.LOGGING_CONFIG = None

logger = logging.getLogger(__name__)

COMMAND = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
KEYS = {"command", "arguments"}
# Lambda takes answers up to 6 MB, in JSON, where a byte may become six.
MOST_OUTPUT = 262_144  # bytes


class Command(NamedTuple):
    name: str
    arguments: list[str]


def handler(event: Any, context: Any) -> dict[str, Any]:
    command = command_in(event)
    begin = time.monotonic()
    exit_code, output = run(command)  # Django closes what a command has opened
    milliseconds = round((time.monotonic() - begin) * 1000)
    logger.info("%s: exit code %s, %s ms", command.name, exit_code, milliseconds)
    return {"exit_code": exit_code, "output": output}


def command_in(event: Any) -> Command:
    if not isinstance(event, dict):
        raise UnknownEvent(
            f"The payload is a {type(event).__name__}: it has to be like "
            '{"command": "migrate", "arguments": ["--plan"]}'
        )
    if unknown := sorted(event.keys() - KEYS):
        raise UnknownEvent(
            f"The payload holds {reprlib.repr(unknown)}: "
            "it may hold command and arguments, and nothing else"
        )
    name, arguments = event.get("command"), event.get("arguments", [])
    if not isinstance(name, str) or not COMMAND.fullmatch(name):
        raise UnknownEvent(
            f"command is {reprlib.repr(name)}: it has to be a command's name, like "
            "migrate; options and values belong to arguments"
        )
    if not is_texts(arguments):
        raise UnknownEvent(
            'arguments is no list of texts: it has to be like ["--database", "default"]'
        )
    return Command(name, arguments)


def run(command: Command) -> tuple[int, str]:
    """The exit code and the output that `manage.py` would have had."""
    output = LastBytes(MOST_OUTPUT)
    with no_input(), printing_to(output):
        try:
            ManagementUtility(["manage.py", command.name, *command.arguments]).execute()
            exit_code = 0
        except SystemExit as ending:
            exit_code = exit_code_of(ending)
        except Exception:
            traceback.print_exc()
            exit_code = 1
    return exit_code, output.text()


def exit_code_of(ending: SystemExit) -> int:
    """As Python does: nothing is success, and what is no number is printed."""
    if ending.code is None:
        return 0
    if isinstance(ending.code, int):
        return int(ending.code)
    print(ending.code, file=sys.stderr)  # noqa: T201
    return 1


@contextmanager
def no_input() -> Iterator[None]:
    """Nobody is there to answer: a command that asks gets the end of the file."""
    before = sys.stdin
    with Path(os.devnull).open() as sys.stdin:
        try:
            yield
        finally:
            sys.stdin = before


@contextmanager
def printing_to(output: LastBytes) -> Iterator[None]:
    """UTF-8 as in any terminal, and nothing that is printed can break it."""
    stream = io.TextIOWrapper(
        io.BufferedWriter(output),
        encoding="utf-8",
        errors="backslashreplace",
        write_through=True,
    )
    with stream, redirect_stdout(stream), redirect_stderr(stream):
        yield
