"""Apps that are made of what a page prints, each block in the file of its caption."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.docs.pages import blocks


@contextmanager
def printed_app(
    page: str, name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """While this is entered, the app can be imported."""
    for block in blocks(page):
        if block.caption.startswith(f"{name}/"):
            file = folder / block.caption
            file.parent.mkdir(parents=True, exist_ok=True)
            for above in file.relative_to(folder).parents[:-1]:
                (folder / above / "__init__.py").touch()
            file.write_text(block.text)
    monkeypatch.syspath_prepend(folder)
    try:
        yield
    finally:
        for module in [each for each in sys.modules if each.split(".")[0] == name]:
            del sys.modules[module]
