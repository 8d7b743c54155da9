"""What the pages name is there: links, files and targets; and they can be built."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT, blocks, code, pages

# A file or folder of the repository; one that begins with a slash is a URL's path.
A_PATH = re.compile(
    r"[\w.-]+(/[\w.-]+)*/|[\w.-]+(/[\w.-]+)*\.(css|html|js|json|md|py|svg|toml|txt|yaml)"
)
MADE_BY_MAKE = (".aws-sam/", ".venv")


def test_the_pages_are_built_without_a_warning(tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going",
        "--builder", "html", DOCS, tmp_path,
    ]  # fmt: skip

    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    for page in pages():
        if page.startswith("docs/"):
            made = Path(page).relative_to("docs").with_suffix(".html")
            assert (tmp_path / made).is_file()


@pytest.mark.parametrize("page", pages())
def test_every_link_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", (ROOT / page).read_text())
    folder = (ROOT / page).parent

    for link in links:
        assert "://" in link or (folder / link).exists(), link


@pytest.mark.parametrize("page", pages())
def test_every_file_that_is_named_exists(page: str) -> None:
    named = {each for each in code(page) if A_PATH.fullmatch(each)}
    made = {each for each in named if each.startswith(MADE_BY_MAKE)}
    if page.startswith("docs/"):
        made |= {block.caption for block in blocks(page)}

    for path in named - made:
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("page", pages())
def test_every_target_that_is_named_exists(page: str) -> None:
    commands = re.findall(
        r"(?:^|\| )make((?: [a-z]+\b(?!=))+)", "\n".join(code(page)), re.MULTILINE
    )
    defined = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)

    assert commands or page != "README.md"
    assert set(" ".join(commands).split()) <= set(defined)


def test_every_benchmark_is_on_its_page() -> None:
    page = (DOCS / "explanation" / "benchmarks.md").read_text()
    included = re.findall(r"^```\{include\} .*/(\w+)\.md$", page, re.MULTILINE)
    results = (ROOT / "benchmarks" / "results").glob("*.md")

    assert sorted(included) == sorted(path.stem for path in results)
