import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Never

import pytest

from tests.end_to_end.conftest import browser
from tests.existing_project.project import (
    IndexIsOutOfReach,
    Project,
    built_wheel,
    running,
)

__all__ = ["browser", "running_project", "wheel"]


@pytest.fixture(scope="package")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app, as it is built from this repository."""
    try:
        return built_wheel(tmp_path_factory.mktemp("wheel"))
    except IndexIsOutOfReach as error:
        not_to_be_had(error)


@contextmanager
def running_project(
    home: Path, wheel: Path, *, python: str, django: str
) -> Iterator[Project]:
    """The project at the end of the page, while the block runs."""
    try:
        project = Project.begin(home, wheel, python=python, django=django)
    except IndexIsOutOfReach as error:
        not_to_be_had(error)
    with running(project):
        yield project


def not_to_be_had(error: IndexIsOutOfReach) -> Never:
    if os.environ.get("CI") == "true":
        pytest.fail(f"Packages cannot be installed: {error}")
    pytest.skip(f"needs packages, which cannot be installed here: {error}")
