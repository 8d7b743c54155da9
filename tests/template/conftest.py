import pytest

from tests.template.check import MODES
from tests.template.transformed import Resources, transformed


@pytest.fixture(params=MODES)
def resources(request: pytest.FixtureRequest) -> Resources:
    """The resources that a mode's transform gives."""
    return transformed(request.param)
