"""What is in the artifact: all that ships and nothing else, for the right platform."""

import os
import re
import zipfile
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import pytest

from tests.builds import ROOT, THIS_MACHINE, Build

LARGEST_ZIP = 15_000_000  # bytes
OURS = {"django_app", "lambda_handlers"}
MODULES = {
    "apig-wsgi": "apig_wsgi",
    "asgiref": "asgiref",
    "dj-database-url": "dj_database_url",
    "django": "django",
    "mangum": "mangum",
    "psycopg": "psycopg",
    "psycopg-binary": "psycopg_binary",
    "sqlparse": "sqlparse",
    "typing-extensions": "typing_extensions.py",
    "whitenoise": "whitenoise",
}
# Source: "ELF header", e_machine; and importlib's list of magic numbers.
MACHINES = {"x86_64": 62, "arm64": 183}
MAGIC_NUMBERS = {
    "3.13": 3571,
    THIS_MACHINE.python: int.from_bytes(MAGIC_NUMBER[:2], "little"),
}
UNCHECKED_HASH = 0b01


def test_it_holds_the_site_its_locked_packages_and_nothing_else(build: Build) -> None:
    lock = (ROOT / "requirements-lambda.txt").read_text()
    for_windows = {"tzdata"}
    locked = set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE)) - for_windows
    found = {
        path.name
        for path in build.artifact.iterdir()
        if path.suffix not in {".dist-info", ".libs"} and path.name != "__pycache__"
    }

    assert locked == MODULES.keys()
    assert found == OURS | set(MODULES.values())


def test_nothing_in_it_belongs_to_a_developers_machine(build: Build) -> None:
    unwanted = re.compile(
        r"/(django_app|lambda_handlers)/(.*/)?(tests?|\..*)(/|$)"
        r"|\.sqlite3|\.po$|^/(boto|awslambdaric|gateway_emulator)"
    )
    paths = [f"/{path.relative_to(build.artifact)}" for path in build.files()]

    assert [path for path in paths if unwanted.search(path)] == []


def test_it_is_small_enough_to_start_quickly(build: Build, tmp_path: Path) -> None:
    archive = tmp_path / "artifact.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for path in build.files():
            zipped.write(path, path.relative_to(build.artifact))

    assert archive.stat().st_size <= LARGEST_ZIP


def test_its_libraries_are_for_the_architecture(build: Build) -> None:
    libraries = [path for path in build.files() if ".so" in path.suffixes]
    machines = {
        int.from_bytes(path.read_bytes()[18:20], "little") for path in libraries
    }
    extensions = {
        path.name.split(".")[1] for path in libraries if "cpython" in path.name
    }

    assert machines == {MACHINES[build.target.architecture]}
    assert all(
        each.startswith(f"cpython-{build.target.python.replace('.', '')}-")
        for each in extensions
    )
    assert extensions


def test_every_module_is_compiled_for_the_runtime(build: Build) -> None:
    if "there is no Python" in build.printed:
        if os.environ.get("CI") == "true":
            pytest.fail(f"Python {build.target.python} is missing: install it")
        pytest.skip(f"needs Python {build.target.python} to compile with")
    tag = f"cpython-{build.target.python.replace('.', '')}"
    expected = MAGIC_NUMBERS[build.target.python].to_bytes(2, "little") + b"\r\n"
    expected += UNCHECKED_HASH.to_bytes(4, "little")

    for module in (path for path in build.files() if path.suffix == ".py"):
        compiled = module.parent / "__pycache__" / f"{module.stem}.{tag}.pyc"
        assert compiled.read_bytes()[:8] == expected, module


def test_every_function_has_an_artifact(build: Build) -> None:
    functions = {path.name for path in build.folder.iterdir() if path.is_dir()}
    built = (build.folder / "template.yaml").read_text()

    assert functions == set(re.findall(r"CodeUri: (\w+)", built))
