"""The least that a function can do: the floor under every other."""

import shutil
from pathlib import Path

from benchmarks.builds import FUNCTIONS, compile_ahead
from gateway_emulator.template import DeploymentOptions, read_deployment
from gateway_emulator.template.deployment import Function

TEMPLATE = "hello.yaml"


def hello_world(folder: Path) -> Function:
    """Put the function and its template into a folder, and compile it as the site is."""
    code = folder / "hello"
    code.mkdir(parents=True)
    shutil.copy(FUNCTIONS / "hello.py", code)
    compile_ahead(code)
    template = Path(shutil.copy(FUNCTIONS / TEMPLATE, folder))
    return read_deployment(DeploymentOptions(template)).function("Hello")
