import shutil
from pathlib import Path

import pytest

from tests.builds import ROOT, Build, default_build


@pytest.fixture(scope="session", params=["default", "host"])
def build(request: pytest.FixtureRequest) -> Build:
    """What `make build` makes by default, and what it makes for this machine."""
    built: Build = request.getfixturevalue(f"{request.param}_build")
    return built


@pytest.fixture(scope="session", name="default_build")
def build_for_lambda(tmp_path_factory: pytest.TempPathFactory) -> Build:
    return default_build(tmp_path_factory.mktemp("lambda") / "build")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of what a build reads, and the folder of a function that SAM builds."""
    for name in ("artifact", "django_app", "lambda_handlers"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "requirements-lambda.txt", tmp_path)
    (tmp_path / ".aws-sam" / "build" / "SiteFunction").mkdir(parents=True)
    return tmp_path


@pytest.fixture(scope="session")
def kept_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packages")


@pytest.fixture
def next_checkout(checkout: Path, kept_packages: Path) -> Path:
    """A checkout that keeps the packages which the first such has installed."""
    (checkout / ".aws-sam" / "dependencies").symlink_to(kept_packages)
    return checkout
