"""The least that a function can do: the floor under every other."""

import shutil
from pathlib import Path

from benchmarks.builds import FUNCTIONS, compile_ahead
from benchmarks.runtime import Function


def hello_world(folder: Path) -> Function:
    """Put the function into a folder, and compile it as the site is."""
    folder.mkdir()
    shutil.copy(FUNCTIONS / "hello.py", folder)
    compile_ahead(folder)
    return Function("hello.handler", folder)
