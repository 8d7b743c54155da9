"""Compile ahead: /var/task is read-only, so Lambda would compile at every cold start."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from artifact.errors import BuildError
from artifact.interpreters import interpreter_of
from artifact.target import Target


@dataclass(frozen=True)
class Compiler:
    """Compiles for one version of Python; without an interpreter of it, not at all."""

    interpreter: str | None
    version: str | None

    @classmethod
    def for_target(cls, target: Target) -> Self:
        interpreter = interpreter_of(target.python)
        return cls(interpreter, target.python if interpreter else None)

    def compile(self, folder: Path, *, root: Path) -> None:
        """Compile what is below a folder; `root` is what becomes /var/task."""
        if self.interpreter is None:
            return
        command = [
            self.interpreter, "-m", "compileall", "-q", "-j", "0",
            # Nobody changes a source there, so none is looked at.
            "--invalidation-mode", "unchecked-hash",
            "-s", str(root), "-p", "/var/task", str(folder),
        ]  # fmt: skip
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise BuildError(f"This does not compile:\n{ended.stdout.strip()}")
