"""Functions run in the Python that --python names, and see nothing of the emulator's."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.emulator.conftest import Invoke
from tests.emulator.templates import function, write_template

CODE = """
import os, sys
from importlib.util import find_spec

NAMES = ("aiohttp", "awslambdaric", "django", "gateway_emulator")

def handler(event, context):
    print("handling")
    return {
        "prefix": sys.prefix,
        "path": sys.path,
        "importable": [name for name in NAMES if find_spec(name)],
        "root": os.environ["ROOT"],
        "file": __file__,
    }
"""


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that holds nothing at all."""
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=60
    )
    return folder


@pytest.fixture
def template(tmp_path: Path) -> Path:
    variables = {"ROOT": "/var/task", "PYTHONPATH": "/var/task/lib"}
    return write_template(
        tmp_path, function(Environment={"Variables": variables}), code=CODE
    )


def test_nothing_of_the_emulators_environment_can_be_imported(
    template: Path, invoke: Invoke, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path.cwd()))

    invoked = invoke(template, "--python", bare / "bin" / "python")

    seen = invoked.returned
    assert "\nhandling\nEND " in invoked.log
    assert Path(seen["prefix"]) == bare
    assert seen["importable"] == []
    assert seen["path"][:2] == [seen["root"], f"{seen['root']}/lib"]
    assert not [each for each in seen["path"] if "gateway_emulator" in each]


def test_without_it_functions_run_in_the_emulators_own(
    template: Path, invoke: Invoke
) -> None:
    assert invoke(template).returned["prefix"] == sys.prefix


@pytest.mark.parametrize("folder", [".aws-sam/build", "elsewhere"])
def test_an_artifact_runs_where_it_was_built_and_stays_as_it_is(
    template: Path, invoke: Invoke, bare: Path, folder: str
) -> None:
    build = template.parent / folder
    shutil.copytree(template.parent / "code", build / "Function")
    written = json.loads(template.read_text())
    written["Resources"]["Function"]["Properties"]["CodeUri"] = "Function"
    (build / "template.yaml").write_text(json.dumps(written))
    (template.parent / "code" / "app.py").unlink()

    built = ["--built"] if folder == ".aws-sam/build" else ["--built", folder]
    options = (*built, "--python", bare / "bin" / "python")
    invoked = invoke(template, *options)

    assert invoked.returned["root"] == str(build / "Function")
    assert invoked.returned["file"] == str(build / "Function" / "app.py")
    assert invoked.returned["importable"] == []
    assert {path.name for path in (build / "Function").iterdir()} == {"app.py"}


def program(folder: Path, text: str) -> Path:
    file = folder / "python"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("""echo '["3.10.13", true]'""", "is Python 3.10.13; workers need 3.11 or newer."),
        ("exit 3", "does not answer as a Python interpreter does (exit status 3)"),
        ("echo hello", "does not answer as a Python interpreter does (another program)"),
    ],
)  # fmt: skip
def test_an_interpreter_that_cannot_be_used_is_one_sentence(
    template: Path, invoke: Invoke, tmp_path: Path, text: str, sentence: str
) -> None:
    python = program(tmp_path, text)

    invoked = invoke(template, "--python", python)

    assert (invoked.status, invoked.returned) == (1, None)
    assert invoked.log.startswith(f"gateway_emulator: --python: '{python}' {sentence}")
    assert invoked.log.count("\n") == 1


@pytest.mark.parametrize("python", ["nowhere/python", ""])
def test_an_interpreter_that_is_not_there_is_one_sentence(
    template: Path, invoke: Invoke, python: str
) -> None:
    assert invoke(template, "--python", python).log == (
        f"gateway_emulator: --python: {python!r} is no program that can be run;"
        " name a Python interpreter, for example .venv/bin/python.\n"
    )
