"""The functions as `make build` leaves them, for the machine that this runs on."""

import os
import shutil
import subprocess
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from artifact.bytecode import Compiler
from artifact.target import Target
from benchmarks.errors import BenchmarkError
from benchmarks.runtime import ROOT
from gateway_emulator.template.deployment import Function

FUNCTIONS = Path(__file__).with_name("functions")
THIS_MACHINE = Target.of_this_machine()


def make_build(folder: Path) -> None:
    """Build into a folder."""
    parameters = THIS_MACHINE.parameters
    ended = subprocess.run(
        ["make", "build", f"BUILD_DIR={folder}", f"PARAMETERS={parameters}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise BenchmarkError(f"`make build` has failed:\n{ended.stderr.strip()}")


def compile_ahead(folder: Path) -> None:
    """Compile as `make build` does."""
    Compiler.for_target(THIS_MACHINE).compile(folder, root=folder)


def copy_without(left_out: Collection[str], artifact: Path, *, copy: Path) -> None:
    """Copy an artifact by links to its files, which is quick; nobody writes to them."""
    ignore = shutil.ignore_patterns(*left_out)
    shutil.copytree(artifact, copy, ignore=ignore, copy_function=os.link)


def not_compiled(function: Function, folder: Path) -> Function:
    """Copy a function's artifact into a folder, and leave out what is compiled."""
    copy_without(["__pycache__"], function.code, copy=folder)
    environment = {
        name: value.replace(str(function.code), str(folder))
        for name, value in function.environment.items()
    }
    return replace(function, code=folder, environment=environment)
