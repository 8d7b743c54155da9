from pathlib import Path

import pytest

from tests.end_to_end.conftest import browser
from tests.existing_project.project import (
    IndexIsOutOfReach,
    built_wheel,
    not_to_be_had,
)

__all__ = ["browser", "wheel"]


@pytest.fixture(scope="package")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app, as it is built from this repository."""
    try:
        return built_wheel(tmp_path_factory.mktemp("wheel"))
    except IndexIsOutOfReach as error:
        not_to_be_had(error)
