"""The same page, in a project that Django 6 has begun."""

import os
from pathlib import Path

import pytest

from artifact.interpreters import interpreter_of
from tests.existing_project.project import running_project
from tests.existing_project.visitor import Visitor, talk


@pytest.fixture(scope="module")
def python() -> str:
    """Django 6 needs 3.12 at least."""
    found = (interpreter_of(version) for version in ("3.14", "3.13", "3.12"))
    if path := next(filter(None, found), None):
        return path
    if os.environ.get("CI") == "true":
        pytest.fail("Python 3.12 or newer is missing")
    pytest.skip("needs Python 3.12 or newer")


def test_a_message_of_one_is_heard_by_all_and_answered(
    tmp_path: Path, wheel: Path, python: str
) -> None:
    with running_project(
        tmp_path, wheel, python=python, django="django==6.*"
    ) as project:
        visitor = Visitor(project.site)
        visitor.log_in()

        talk(visitor)
