"""The packages of requirements-lambda.txt, as wheels for Lambda's platform.

They are installed once for each platform and lock, and then copied for each function.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from artifact.bytecode import Compiler
from artifact.errors import BuildError
from artifact.target import Target

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements-lambda.txt"
KEPT = ROOT / ".aws-sam" / "dependencies"

# Not for Lambda: uv's own lock, commands for a shell, lists of what was installed, the sources of
# translations, and GeoDjango, whose C libraries Lambda does not have.
LEFT_OUT = (".lock", "bin", "*.dist-info/RECORD", "**/*.po", "django/contrib/gis")


def dependencies(target: Target, compiler: Compiler) -> Path:
    """Return a folder with the installed packages, compiled where the host can."""
    marks = f"{compiler.version} {LEFT_OUT}".encode()
    digest = sha256(LOCK.read_bytes() + marks).hexdigest()[:12]
    folder = KEPT / f"{target}-{digest}"
    if folder.exists():
        return folder
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=KEPT) as scratch:
        packages = Path(scratch) / "packages"
        packages.mkdir()
        install(target, packages)
        leave_out(packages)
        compiler.compile(packages, root=packages)
        keep(packages, folder)
    return folder


def install(target: Target, folder: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    if not uv.exists():
        raise BuildError(f"{uv} is missing: remove .venv and run make again.")
    command = [
        str(uv),
        "pip", "install", "--quiet", "--no-build", "--require-hashes",
        "--python", sys.executable,
        "--python-platform", target.wheel_platform,
        "--python-version", target.python,
        "--target", str(folder),
        "--requirements", str(LOCK),
    ]  # fmt: skip
    environment = {**os.environ, "UV_LINK_MODE": "copy"}
    ended = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise BuildError(
            f"The packages of {LOCK.name} cannot be installed for {target}. Is there a"
            f" network? Has each package a wheel for this platform? uv says:\n"
            f"{ended.stderr.strip()}"
        )


def leave_out(folder: Path) -> None:
    for pattern in LEFT_OUT:
        for path in folder.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def keep(packages: Path, folder: Path) -> None:
    """Give a finished folder its name; another build may have been faster."""
    try:
        packages.rename(folder)
    except OSError:
        if not folder.exists():
            raise
