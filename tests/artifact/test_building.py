"""`python -m artifact`, which SAM calls: what it leaves out, and what it says when it cannot build."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builds import THIS_MACHINE

BUILD_TOML = """
[function_build_definitions.a]
runtime = "python{python}"
architecture = "{architecture}"
functions = ["{function}"]
"""
HOST = THIS_MACHINE.python


def build(
    checkout: Path, *, python: Path = Path(sys.executable), **environment: str
) -> "subprocess.CompletedProcess[str]":
    artifacts_dir = checkout / ".aws-sam" / "build" / "SiteFunction"
    return subprocess.run(
        [python, "-m", "artifact", "SiteFunction", artifacts_dir],
        cwd=checkout,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def want(
    checkout: Path,
    *,
    python: str = HOST,
    architecture: str = "x86_64",
    function: str = "SiteFunction",
) -> None:
    """Write down, as SAM does, what is to be built."""
    text = BUILD_TOML.format(
        python=python, architecture=architecture, function=function
    )
    (checkout / ".aws-sam" / "build.toml").write_text(text)


def test_data_secrets_and_tests_in_the_site_stay_at_home(next_checkout: Path) -> None:
    want(next_checkout)
    app = next_checkout / "django_app" / "demo"
    (app / "tests").mkdir()
    for name in (
        "data.db",
        "db.sqlite3",
        "db.sqlite3-wal",
        ".env",
        "tests.py",
        "test_a.py",
        "tests/a.py",
    ):
        (app / name).write_text("")
    (app / "kept.json").write_text("{}")

    ended = build(next_checkout)

    assert ended.returncode == 0, ended.stderr
    built = (
        next_checkout / ".aws-sam" / "build" / "SiteFunction" / "django_app" / "demo"
    )
    names = {path.name for path in built.iterdir()}
    assert names == {
        "__init__.py", "__pycache__", "kept.json", "static", "templates", "urls.py", "views.py",
    }  # fmt: skip


def test_without_the_runtimes_python_it_builds_and_says_what_that_costs(
    checkout: Path,
) -> None:
    other = "3.13" if HOST != "3.13" else "3.12"
    want(checkout, python=other)

    ended = build(checkout, PATH="/nowhere", PYENV_ROOT="/nowhere")

    assert ended.returncode == 0
    assert ended.stdout == (
        f"SiteFunction: there is no Python {other} here to compile with, so the"
        " function will start more slowly. Install it and build again.\n"
    )
    built = checkout / ".aws-sam" / "build" / "SiteFunction"
    assert (built / "django" / "__init__.py").exists()
    assert list(built.rglob("*.pyc")) == []


def test_without_a_network_it_says_so(checkout: Path, tmp_path: Path) -> None:
    want(checkout)

    ended = build(checkout, UV_OFFLINE="1", UV_CACHE_DIR=str(tmp_path / "cache"))

    assert ended.returncode == 1
    assert ended.stderr.startswith(
        f"The packages of requirements-lambda.txt cannot be installed for x86_64-python{HOST}."
        " Is there a network? Has each package a wheel for this platform? uv says:\n"
    )
    assert "Traceback" not in ended.stderr
    assert list((checkout / ".aws-sam" / "dependencies").iterdir()) == []


def test_code_that_does_not_compile_is_named(next_checkout: Path) -> None:
    want(next_checkout)
    (next_checkout / "django_app" / "demo" / "views.py").write_text("def broken(:\n")

    ended = build(next_checkout)

    assert ended.returncode == 1
    assert ended.stderr.startswith("This does not compile:\n")
    assert "/var/task/django_app/demo/views.py" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("text", [None, "no TOML", "[function_build_definitions]\n"])
def test_outside_of_sam_build_it_says_how_to_build(
    checkout: Path, text: str | None
) -> None:
    if text is not None:
        (checkout / ".aws-sam" / "build.toml").write_text(text)

    ended = build(checkout)

    assert ended.returncode == 1
    assert "sam build" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_function_that_the_last_full_build_lacks_is_named(checkout: Path) -> None:
    want(checkout, function="OtherFunction")

    ended = build(checkout)

    assert ended.stderr == (
        "SiteFunction is not in the last full build: run `sam build` for all functions.\n"
    )


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"architecture": "sparc"}, "Architecture is 'sparc': it is one of arm64, x86_64.\n"),
        ({"python": "3.9"}, "PythonRuntime is 'python3.9': it is one of python3.11, python3.12, python3.13, python3.14.\n"),
    ],
)  # fmt: skip
def test_a_platform_that_lambda_does_not_have_is_named(
    checkout: Path, wanted: dict[str, str], sentence: str
) -> None:
    want(checkout, **wanted)

    ended = build(checkout)

    assert (ended.returncode, ended.stderr) == (1, sentence)


def test_without_uv_it_says_so(checkout: Path) -> None:
    want(checkout)
    without_uv = checkout / "bin"
    without_uv.mkdir()
    (without_uv / "python").symlink_to(Path(sys.executable).resolve())

    ended = build(checkout, python=without_uv / "python")

    assert (ended.returncode, ended.stderr) == (
        1,
        f"{without_uv / 'uv'} is missing: remove .venv and run make again.\n",
    )


def test_a_function_cannot_be_built_alone_for_nobody_says_for_what(
    next_checkout: Path,
) -> None:
    want(next_checkout)
    first = build(next_checkout)

    second = build(next_checkout)

    assert (first.returncode, second.returncode) == (0, 1)
    assert second.stderr == (
        "sam does not say what SiteFunction alone is built for: run `sam build` or"
        " `make build` for all functions.\n"
    )
