"""The pages of the documentation, and what stands in them."""

import re
from dataclasses import dataclass
from pathlib import Path

from sybil import Document, Region
from sybil.parsers.myst.lexers import DirectiveLexer

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

FENCED = re.compile(r"^```[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
INLINE = re.compile("`([^`]+)`")


def pages() -> list[str]:
    """Return every page that is written by hand, as a path in the repository."""
    written = [path for path in DOCS.rglob("*.md") if "_build" not in path.parts]
    at_the_top = [ROOT / name for name in ("CONTRIBUTING.md", "README.md")]
    return sorted(str(path.relative_to(ROOT)) for path in [*at_the_top, *written])


@dataclass(frozen=True)
class Block:
    """A block of code; the caption is the file that it belongs to, or empty."""

    language: str
    caption: str
    text: str


def blocks(page: str) -> list[Block]:
    """Return a page's code blocks in their order."""
    text = (ROOT / page).read_text()
    assert not re.search(r"^```\w", text, re.MULTILINE), (
        f"{page} has a block without a directive: write ```{{code-block}} LANGUAGE"
    )
    lexer = DirectiveLexer(directive="code-block", arguments=r"\w+")
    return [block(region) for region in lexer(Document(text, page))]


def block(region: Region) -> Block:
    return Block(
        language=region.lexemes["arguments"],
        caption=region.lexemes["options"].get("caption", ""),
        text=str(region.lexemes["source"]),
    )


def code(page: str) -> list[str]:
    """Return all that is set as code: each block, and each piece inside a line."""
    text = (ROOT / page).read_text()
    return [*FENCED.findall(text), *INLINE.findall(FENCED.sub("", text))]


def table(page: str, first_heading: str) -> list[list[str]]:
    """Return a table's rows; of a cell, the first code in it, or else its text."""
    (found,) = tables(page, first_heading)
    return found


def tables(page: str, first_heading: str) -> list[list[list[str]]]:
    """Return the rows of each table that begins with this heading."""
    text = (ROOT / page).read_text()
    found = re.findall(
        rf"^\| {first_heading} \|.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE
    )
    return [
        [
            [cell(each) for each in row.strip("|").split("|")]
            for row in rows.splitlines()
        ]
        for rows in found
    ]


def cell(text: str) -> str:
    return next(iter(INLINE.findall(text)), text.strip())
