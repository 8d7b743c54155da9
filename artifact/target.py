"""What `sam build` wants: the architecture and the runtime that the template has resolved.

SAM CLI tells a Makefile where to put an artifact and nothing else. Before the first
function is built it writes build.toml beside the build folder, which has the rest.
"""

import platform
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from artifact.errors import BuildError

# What pip calls the machines that Lambda runs on. python3.11 is the last runtime on
# Amazon Linux 2, which has glibc 2.26; Amazon Linux 2023 has 2.34.
MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
ON_AMAZON_LINUX_2 = {"3.11"}


@dataclass(frozen=True)
class Target:
    """A Lambda platform, for example `arm64` and Python `3.13`."""

    architecture: str
    python: str

    @classmethod
    def of_function(cls, function: str, artifacts_dir: Path) -> Self:
        """Return the platform that a function is being built for."""
        record = artifacts_dir.parent.parent / "build.toml"
        try:
            definitions = tomllib.loads(record.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BuildError(
                f"{record} cannot be read ({error}): build with `sam build`"
                " or `make build`, which write it."
            ) from error
        key, definition = definition_of(function, definitions)
        require_new(key, mark=record.with_name(f"{function}.built"), function=function)
        architecture = str(definition.get("architecture"))
        runtime = str(definition.get("runtime"))
        require_one_of(MACHINES, architecture, "Architecture")
        require_one_of([f"python{each}" for each in PYTHONS], runtime, "PythonRuntime")
        return cls(architecture, runtime.removeprefix("python"))

    @classmethod
    def of_this_machine(cls) -> Self:
        """Return the platform whose artifact runs here."""
        architectures = {machine: name for name, machine in MACHINES.items()}
        # macOS calls arm64 as Lambda does.
        architecture = architectures.get(platform.machine(), platform.machine())
        return cls(architecture, f"{sys.version_info.major}.{sys.version_info.minor}")

    def __str__(self) -> str:
        return f"{self.architecture}-python{self.python}"

    @property
    def parameters(self) -> str:
        """What tells `make build` to build for it, in PARAMETERS."""
        return f"Architecture={self.architecture} PythonRuntime=python{self.python}"

    @property
    def wheel_platform(self) -> str:
        """The platform's name in uv's `--python-platform`."""
        libc = "manylinux2014" if self.python in ON_AMAZON_LINUX_2 else "manylinux_2_28"
        return f"{MACHINES[self.architecture]}-{libc}"


def require_new(key: str, *, mark: Path, function: str) -> None:
    """Refuse a record of an earlier build: each one gives a definition another key.

    SAM CLI writes none when it builds a single function, which may be for any platform.
    """
    if mark.exists() and mark.read_text(encoding="utf-8") == key:
        raise BuildError(
            f"sam does not say what {function} alone is built for: run `sam build` or"
            " `make build` for all functions."
        )
    mark.write_text(key, encoding="utf-8")


def require_one_of(known: Iterable[str], value: str, parameter: str) -> None:
    """SAM CLI builds whatever it is told; CloudFormation would refuse it."""
    if value not in known:
        raise BuildError(f"{parameter} is {value!r}: it is one of {', '.join(known)}.")


def definition_of(
    function: str, definitions: Mapping[str, Any]
) -> tuple[str, Mapping[str, Any]]:
    for key, definition in definitions.get("function_build_definitions", {}).items():
        if function in definition.get("functions", []):
            return key, definition
    raise BuildError(
        f"{function} is not in the last full build: run `sam build` for all functions."
    )
