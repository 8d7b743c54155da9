"""A payload becomes a management command: {"command": "migrate", "arguments": ["--plan"]}.

The answer is {"exit_code": 0, "output": "…"}, with all that the command and what it ran have
written. Neither its arguments nor that output are logged, as either may hold a secret.
"""

import logging
import os
import re
import reprlib
import subprocess
import sys
import time
from pathlib import Path
from select import select
from typing import Any, NamedTuple

from .event_members import UnknownEvent, is_texts
from .last_bytes import LastBytes

# Django, which sets logging up elsewhere, is in the command's process only. Lambda's
# runtime client has a handler for the log, and then this adds none.
logging.basicConfig(format="%(levelname)s %(name)s %(message)s")
logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)

COMMAND_LINE = Path(__file__).parents[1] / "django_app" / "manage.py"
COMMAND = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
KEYS = {"command", "arguments"}
# Lambda takes answers up to 6 MB, in JSON, where a byte may become six.
MOST_OUTPUT = 262_144  # bytes
MOST_IN_A_PIPE = 1_048_576  # bytes
PAUSE = 0.1  # seconds of silence between two looks whether the command has ended


class Command(NamedTuple):
    name: str
    arguments: list[str]


def handler(event: Any, context: Any) -> dict[str, Any]:
    command = command_in(event)
    begin = time.monotonic()
    exit_code, output = run(command)
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
    """The exit code and the output of `manage.py`, whose process leaves nothing behind."""
    output = LastBytes(MOST_OUTPUT)
    with process_of(command) as process:
        read_to_the_end(process, output)
    return exit_code_of(process), output.text()


def process_of(command: Command) -> subprocess.Popen[bytes]:
    """In the process group of the function, so that a time-out ends both."""
    try:
        return subprocess.Popen(  # noqa: S603 - whoever may invoke the function may run commands
            [sys.executable, COMMAND_LINE, command.name, *command.arguments],
            bufsize=0,
            env=environment(),
            stdin=subprocess.DEVNULL,  # nobody is there to answer
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except (OSError, ValueError) as error:  # they are too long, or hold a NUL
        raise UnknownEvent(
            f"{command.name} cannot be started with these arguments: {error}"
        ) from error


def environment() -> dict[str, str]:
    return {
        **os.environ,
        # On Lambda this has /var/runtime, where boto3 is; the template's PYTHONPATH has not.
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONUNBUFFERED": "yes",  # output and errors stay in their order
        "PYTHONIOENCODING": "utf-8:backslashreplace",  # no text can break a command
    }


def read_to_the_end(process: subprocess.Popen[bytes], output: LastBytes) -> None:
    """Read until the command has ended, even if what it has started keeps on writing."""
    pipe = process.stdout
    assert pipe is not None
    has_ended = False
    while not has_ended:
        has_ended = process.poll() is not None  # then all it wrote is in the pipe
        if select([pipe], [], [], 0 if has_ended else PAUSE)[0]:
            if not (data := pipe.read(MOST_IN_A_PIPE)):
                break  # nobody has it open any more
            output.add(data)


def exit_code_of(process: subprocess.Popen[bytes]) -> int:
    """As shells say it, where a signal has ended the process too."""
    if process.returncode < 0:
        return 128 - process.returncode
    return int(process.returncode)
