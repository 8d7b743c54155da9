import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.end_to_end.stack import Stack, running_stack

CHROMIUM = Path("/usr/bin/chromium")
# As root in a container there is no sandbox; the rest keeps it from calling home.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
]


@pytest.fixture(scope="package", params=["http", "lambda"])
def stack(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """The demo in both integrations."""
    folder = tmp_path_factory.mktemp(request.param)
    with running_stack(folder, integration=request.param) as stack:
        yield stack


@pytest.fixture(scope="package")
def http_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The demo in http mode, for what happens between API Gateway and Django."""
    with running_stack(tmp_path_factory.mktemp("http")) as stack:
        yield stack


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
