"""Build a function's artifact: `python -m artifact FUNCTION ARTIFACTS_DIR`."""

import shutil
import sys
from pathlib import Path

from artifact.bytecode import Compiler
from artifact.dependencies import ROOT, dependencies
from artifact.errors import BuildError
from artifact.target import Target

SHIPPED = ("django_app", "lambda_handlers")
NOT_SHIPPED = shutil.ignore_patterns(
    ".*",
    "__pycache__",
    "*.pyc",
    "*.po",
    "*.db",
    "*.sqlite*",
    "tests",
    "tests.py",
    "test_*.py",
)


def main() -> int:
    function, artifacts_dir = sys.argv[1], Path(sys.argv[2])
    try:
        build(function, artifacts_dir)
    except (BuildError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


def build(function: str, artifacts_dir: Path) -> None:
    target = Target.of_function(function, artifacts_dir)
    compiler = Compiler.for_target(target)
    if compiler.interpreter is None:
        # SAM CLI shows what goes to standard error only of a build that fails.
        print(  # noqa: T201
            f"{function}: there is no Python {target.python} here to compile with, so"
            " the function will start more slowly. Install it and build again."
        )
    packages = dependencies(target, compiler)
    shutil.copytree(packages, artifacts_dir, dirs_exist_ok=True)
    for name in SHIPPED:
        folder = artifacts_dir / name
        shutil.copytree(ROOT / name, folder, ignore=NOT_SHIPPED)
        compiler.compile(folder, root=artifacts_dir)


if __name__ == "__main__":
    sys.exit(main())
