"""The functions as `make build` leaves them."""

import platform
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOST_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
HOST_ARCHITECTURE = {"aarch64": "arm64", "arm64": "arm64"}.get(
    platform.machine(), "x86_64"
)
FOR_THIS_HOST = f"Architecture={HOST_ARCHITECTURE} PythonRuntime=python{HOST_PYTHON}"


@dataclass(frozen=True)
class Build:
    """A build folder, the platform it is for, and what the build printed."""

    folder: Path
    architecture: str
    python: str
    printed: str

    @property
    def artifact(self) -> Path:
        return self.folder / "SiteFunction"

    def files(self) -> Iterator[Path]:
        return (path for path in self.artifact.rglob("*") if path.is_file())


def make_build(folder: Path, parameters: str = "") -> str:
    """Build into a folder, and return what was printed."""
    ended = subprocess.run(
        ["make", "build", f"BUILD_DIR={folder}", f"PARAMETERS={parameters}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout + ended.stderr


def default_build(folder: Path) -> Build:
    return Build(folder, "arm64", "3.13", make_build(folder))


def host_build(folder: Path) -> Build:
    printed = make_build(folder, FOR_THIS_HOST)
    return Build(folder, HOST_ARCHITECTURE, HOST_PYTHON, printed)
