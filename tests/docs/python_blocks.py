"""Python of a page, as a reader would run it."""

from typing import Any

from tests.docs.pages import blocks


def python_block(page: str, *, containing: str) -> str:
    (found,) = [
        block.text
        for block in blocks(page)
        if block.language == "python" and containing in block.text
    ]
    return found


def run(page: str, *, containing: str) -> dict[str, Any]:
    """Run the one block that this stands in; returned are the names that it makes."""
    names: dict[str, Any] = {"__name__": page}
    exec(python_block(page, containing=containing), names)
    return names
