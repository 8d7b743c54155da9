"""A reader's copy of the site, which may be changed."""

import shutil
from pathlib import Path

from tests.docs.pages import ROOT


def copy_site(folder: Path) -> None:
    """Copy what the emulator needs into a folder."""
    for name in ("django_app", "lambda_handlers"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "template.yaml", folder)


def change(file: Path, diff: str) -> None:
    """Change what a diff's lines show; they stand in one place of the file."""
    lines = diff.splitlines(keepends=True)
    before = "".join(line[1:] for line in lines if not line.startswith("+"))
    after = "".join(line[1:] for line in lines if not line.startswith("-"))
    text = file.read_text()
    assert text.count(before) == 1, f"{before!r} does not stand once in {file.name}"
    file.write_text(text.replace(before, after))
