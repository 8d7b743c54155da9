"""The functions as `make build` leaves them."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from artifact.target import Target

ROOT = Path(__file__).parents[1]
THIS_MACHINE = Target.of_this_machine()


@dataclass(frozen=True)
class Build:
    """A build folder, the platform it is for, and what the build printed."""

    folder: Path
    target: Target
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
    return Build(folder, Target("arm64", "3.13"), make_build(folder))


def host_build(folder: Path) -> Build:
    """For this machine, unless another process has built it there already."""
    printed = folder / "printed"
    if not printed.exists():
        text = make_build(folder, THIS_MACHINE.parameters)
        printed.write_text(text)
    return Build(folder, THIS_MACHINE, printed.read_text())
