"""docs/howto/existing-project.md, followed line by line from `startproject` on."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from websockets.exceptions import InvalidStatus

from gateway_emulator.template import DeploymentOptions, read_deployment
from tests.docs.pages import blocks, table
from tests.existing_project.project import (
    PAGE,
    Project,
    running_project,
    shell_block,
)
from tests.existing_project.visitor import Visitor, talk


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Iterator[Project]:
    home = tmp_path_factory.mktemp("home")
    with running_project(
        home, wheel, python=sys.executable, django="django==5.2.*"
    ) as project:
        yield project


@pytest.fixture(scope="module")
def visitor(project: Project) -> Visitor:
    visitor = Visitor(project.site)
    visitor.log_in()
    return visitor


def test_a_message_of_one_is_heard_by_all_and_answered(visitor: Visitor) -> None:
    talk(visitor)


async def log_in(page: Page, project: Project) -> None:
    await page.goto(f"{project.site}/lobby")
    await page.fill("[name=username]", "alice")
    await page.fill("[name=password]", "secret")
    await page.click("[type=submit]")


async def test_what_is_said_in_one_window_is_seen_in_both(
    project: Project, browser: Browser
) -> None:
    context = await browser.new_context()
    one, two = await context.new_page(), await context.new_page()
    await log_in(one, project)
    await expect(one.locator("text=Say")).to_be_enabled()
    await two.goto(f"{project.site}/lobby")
    await expect(two.locator("text=Say")).to_be_enabled()

    await two.fill("input", "hello")
    await two.click("text=Say")

    for page in (one, two):
        await expect(page.locator("li")).to_have_text("alice: hello")
    await expect(two.locator("input")).to_have_value("")


async def test_a_socket_that_is_closed_says_why(
    project: Project, browser: Browser
) -> None:
    page = await (await browser.new_context()).new_page()
    await page.route_web_socket("**", lambda route: route.close(code=4000, reason="so"))
    await log_in(page, project)

    await expect(page.locator("[role=status]")).to_have_text("Closed: so")
    await expect(page.locator("text=Say")).to_be_disabled()


def test_a_page_at_another_name_may_not_connect(
    project: Project, visitor: Visitor
) -> None:
    with pytest.raises(InvalidStatus, match="400"):
        visitor.socket(origin=f"http://localhost:{project.site_port}")


def test_the_clean_up_runs_as_the_page_says(project: Project) -> None:
    environment = shell_block(containing="laptop.env; set +a").splitlines()[0]

    project.run(f"{environment}\n{shell_block(containing='cleanup_websockets')}")


def test_the_line_for_cron_brings_the_environment(project: Project) -> None:
    [crontab] = [each for each in blocks(PAGE) if each.caption == "crontab"]
    command = crontab.text.removeprefix("0 * * * * ")
    python = project.environment / "bin" / "python3"

    subprocess.run(
        ["/bin/sh", "-c", command.replace("python3", str(python))],
        env={"HOME": str(project.home)},
        check=True,
    )


def test_the_checks_of_a_deployment_have_nothing_to_say_about_the_app(
    project: Project,
) -> None:
    host = "abc123.execute-api.eu-central-1.amazonaws.com/production"

    ended = subprocess.run(
        ["python", "manage.py", "check", "--deploy"],
        cwd=project.folder,
        env={
            **project.variables(),
            "WEBSOCKET_URL": f"wss://{host}",
            "WEBSOCKET_CALLBACK_URL": f"https://{host}",
            "WEBSOCKET_API_ID": "abc123",
            "GATEWAY_SECRET": "0123456789abcdef" * 4,
        },
        capture_output=True,
        text=True,
        check=True,
    )

    assert "(security.W" in ended.stderr  # Django's own have been asked
    assert "django_aws_api_gateway_websockets" not in ended.stderr


def test_a_channel_that_the_page_does_not_have_is_refused(visitor: Visitor) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        visitor.socket(channel="another")


def test_the_gateway_maps_the_headers_of_the_table(project: Project) -> None:
    options = DeploymentOptions(
        template=project.folder / "websockets.yaml",
        parameters={"SiteUrl": project.site, "GatewaySecret": "s" * 32},
        websocket_api_id="laptop",
    )

    api = read_deployment(options).websocket_api

    assert api is not None
    listed = {
        f"integration.request.header.{name}" for name, *_ in table(PAGE, "header")
    }
    for route in api.routes.values():
        mapped = set(route.integration.request_parameters)
        assert mapped - {"integration.request.header.Sec-WebSocket-Version"} == listed


def test_cloudformation_would_take_the_template(tmp_path: Path) -> None:
    [template] = [each for each in blocks(PAGE) if each.language == "yaml"]
    file = tmp_path / template.caption
    file.write_text(template.text)
    lint = Path(sys.executable).with_name("cfn-lint")

    ended = subprocess.run([lint, file], capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stdout) == (0, "")
