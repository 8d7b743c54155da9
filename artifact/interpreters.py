"""Find the Python that a runtime has: only its own version can compile for it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

PYENV = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"


def interpreter_of(python: str) -> str | None:
    """Return the path of a Python of this version, for example `3.13`, or None."""
    for candidate in candidates(python):
        if version_of(candidate) == python:
            return candidate
    return None


def candidates(python: str) -> Iterator[str]:
    yield sys.executable
    yield f"python{python}"
    # pyenv's own command on the PATH refuses to run versions that are not selected.
    pyenv = sorted(PYENV.glob(f"versions/{python}.*/bin/python{python}"), reverse=True)
    yield from (str(path) for path in pyenv)


def version_of(interpreter: str) -> str | None:
    command = [interpreter, "-c", VERSION]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return ended.stdout.strip()
