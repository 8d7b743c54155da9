"""What takes too long for every run: `make soak`."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Leave all of it out, unless this folder or a file of it was asked for."""
    asked_for = [
        (config.invocation_params.dir / argument.partition("::")[0]).resolve()
        for argument in config.args
    ]
    is_asked_for = any(each.is_relative_to(FOLDER) for each in asked_for)
    return None if is_asked_for else True


@pytest.fixture
def tell(
    request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str]
) -> Callable[[dict[str, Any]], None]:
    """Write figures where they are seen, though the test passes."""

    def tell(figures: dict[str, Any]) -> None:
        with capfd.disabled():
            sys.stdout.write(f"\n{request.node.name}: {json.dumps(figures)}\n")

    return tell
