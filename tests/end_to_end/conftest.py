import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.builds import Build
from tests.end_to_end.stack import Stack, running_stack

CHROMIUM = Path("/usr/bin/chromium")
# As root in a container there is no sandbox; the rest keeps it from calling home.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
]


@pytest.fixture(scope="package")
def http_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The demo, its events sent to Django as HTTP requests."""
    with running_stack(tmp_path_factory.mktemp("http"), integration="http") as stack:
        yield stack


@pytest.fixture(scope="package")
def lambda_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The demo, its events sent to a function."""
    with running_stack(
        tmp_path_factory.mktemp("lambda"), integration="lambda"
    ) as stack:
        yield stack


@pytest.fixture(scope="package")
def built_stack(
    tmp_path_factory: pytest.TempPathFactory, host_build: Build
) -> Iterator[Stack]:
    """The demo as it ships: its artifact beside what Lambda's runtime holds, no more."""
    folder = tmp_path_factory.mktemp("built")
    with running_stack(folder, built=host_build.folder) as stack:
        yield stack


@pytest.fixture(params=["http", "lambda"])
def stack(request: pytest.FixtureRequest) -> Stack:
    """The demo in both integrations."""
    running: Stack = request.getfixturevalue(f"{request.param}_stack")
    return running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    if not CHROMIUM.exists():
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing: apt-get install chromium")
        pytest.skip(
            "needs Chromium at /usr/bin/chromium (Debian: apt-get install chromium)"
        )
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS
        )
        yield browser
        await browser.close()
