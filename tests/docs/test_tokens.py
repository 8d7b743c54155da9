"""docs/howto/tokens.md, done as it is printed, in a browser in which somebody logs in."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import LazySettings
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from django_aws_api_gateway_websockets.conf import Conf
from tests.docs.pages import blocks, code, table
from tests.docs.site_copy import change, copy_site
from tests.end_to_end.stack import Stack, running_stack

PAGE = "docs/howto/tokens.md"
TOKENS = "django_aws_api_gateway_websockets_websockettoken"
SOON = 15  # seconds: less than one on a machine that does nothing else


@dataclass(frozen=True)
class Members:
    """The reader's copy of the site, and the stack that runs it."""

    project: Path
    stack: Stack

    def manage(self, *arguments: str) -> None:
        subprocess.run(
            [sys.executable, "django_app/manage.py", *arguments],
            cwd=self.project,
            env={
                **os.environ,
                **self.stack.environment(),
                "DATABASE_URL": f"sqlite:///{self.stack.database}",
                "DJANGO_SUPERUSER_PASSWORD": "secret",
            },
            check=True,
        )

    def used_tokens(self) -> list[tuple[str]]:
        """The connections that they have opened, the oldest first."""
        query = f"SELECT connection_id FROM {TOKENS} WHERE used ORDER BY id"
        with closing(sqlite3.connect(self.stack.database)) as connection:
            return list(connection.execute(query))


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Members]:
    project = tmp_path_factory.mktemp("project")
    copy_site(project)
    for block in blocks(PAGE):
        file = project / block.caption
        if block.language == "sh":
            subprocess.run(block.text, shell=True, cwd=project, check=True)
        elif block.language == "diff":
            change(file, block.text)
        elif block.caption.startswith("django_app/"):
            file.write_text(block.text)
    options = f"--template {project / 'template.yaml'}"
    with running_stack(tmp_path_factory.mktemp("stack"), options=options) as stack:
        members = Members(project, stack)
        wait_until_migrated(stack)
        create = ("createsuperuser", "--noinput", "--email", "alice@site.example")
        members.manage(*create, "--username", "alice")
        yield members


def wait_until_migrated(stack: Stack) -> None:
    deadline = time.monotonic() + SOON
    while not stack.database.exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture
async def alice(browser: Browser, members: Members) -> BrowserContext:
    """A browser in which alice has logged in."""
    context = await browser.new_context(base_url=members.stack.site)
    page = await context.new_page()
    await page.goto("/")
    await page.fill("[name=username]", "alice")
    await page.fill("[name=password]", "secret")
    await page.click("button")
    await shows(page, "connected as alice")
    return context


async def shows(page: Page, text: str) -> None:
    await expect(page.locator("#state")).to_have_text(text, timeout=1000 * SOON)


async def test_each_connect_takes_a_fresh_token(
    members: Members, alice: BrowserContext
) -> None:
    [page] = alice.pages
    before = len(members.used_tokens())

    await page.reload()
    await shows(page, "connected as alice")
    await hung_up_on(members, page)
    await shows(page, "connected as alice")

    connections = members.used_tokens()[before:]
    assert len(set(connections)) == len(connections) == 2


async def hung_up_on(members: Members, page: Page) -> None:
    await page.evaluate("document.getElementById('state').textContent = 'hung up on'")
    sessions = "from django_aws_api_gateway_websockets.models import *\n"
    hang_up = "WebSocketSession.objects.all().disconnect(reconnect=True)"
    members.manage("shell", "--no-imports", "--command", sessions + hang_up)


async def test_logging_out_in_one_window_ends_the_other_for_good(
    members: Members, alice: BrowserContext
) -> None:
    [page] = alice.pages
    other = await alice.new_page()
    await other.goto("/")
    await shows(other, "connected as alice")

    await page.click("text=Log out")

    await shows(other, "not connected: logout")


async def test_a_page_whose_login_has_ended_stops(
    members: Members, alice: BrowserContext
) -> None:
    [page] = alice.pages
    await alice.clear_cookies(name="sessionid")

    await hung_up_on(members, page)

    await shows(page, "not connected: Authentication required")


async def test_a_page_that_asks_too_often_waits_as_long_as_it_is_told(
    alice: BrowserContext,
) -> None:
    [page] = alice.pages
    asked: list[float] = []

    async def too_often(route: Route) -> None:
        asked.append(time.monotonic())
        if len(asked) > 1:
            return await route.continue_()
        return await route.fulfill(
            status=403, body="Rate limit exceeded", headers={"Retry-After": "1"}
        )

    await page.route("**/socket-token", too_often)
    await page.reload()

    await shows(page, "connected as alice")
    assert asked[1] - asked[0] >= 1


def test_the_settings_have_these_defaults(settings: LazySettings) -> None:
    settings.WEBSOCKETS = {}

    for name, default, _ in table(PAGE, "setting"):
        assert repr(getattr(Conf(), name)) == default


def test_the_cookie_is_asked_for_by_the_setting_on_the_page() -> None:
    (block,) = [each for each in blocks(PAGE) if each.caption == "settings.py"]
    names: dict[str, dict[str, bool]] = {"WEBSOCKETS": {}}

    exec(block.text, names)

    assert names["WEBSOCKETS"] == {"require_session_cookie": True}
    assert hasattr(LazySettings(), "SESSION_COOKIE_DOMAIN")
    assert "require_session_cookie" in code(PAGE)
