"""The tutorial, done as it is printed: files are saved while the stack runs."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.async_api import Browser, expect
from websockets.sync.client import connect

from tests.docs.pages import Block, blocks
from tests.docs.site_copy import change, copy_site
from tests.end_to_end.stack import Stack, running_stack

PAGE = "docs/tutorial/chat.md"
SOON = 15  # seconds: half a second on a machine that does nothing else


@dataclass(frozen=True)
class Tutorial:
    """A reader's copy of the site, and the stack that runs it."""

    project: Path
    stack: Stack

    def follow(self, block: Block) -> None:
        """Save a file, change one, or type a command."""
        if block.language == "sh":
            subprocess.run(block.text, shell=True, cwd=self.project, check=True)
        elif block.language == "diff":
            change(self.project / block.caption, block.text)
        elif block.caption:
            (self.project / block.caption).write_text(self.at_its_ports(block.text))

    def at_its_ports(self, text: str) -> str:
        return text.replace(
            "ws://127.0.0.1:8001/production", self.stack.socket
        ).replace("http://localhost:8000", self.stack.site)

    def page(self) -> str:
        with urlopen(self.stack.site, timeout=10) as response:
            text: str = response.read().decode()
            return text

    def nobody_is_connected(self) -> bool:
        log = self.stack.logged()
        return log.count("  $connect ") == log.count("  $disconnect ")


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tutorial]:
    """The tutorial, followed until a client is written."""
    project = tmp_path_factory.mktemp("project")
    copy_site(project)
    options = f"--template {project / 'template.yaml'}"
    with running_stack(tmp_path_factory.mktemp("stack"), options=options) as stack:
        tutorial = Tutorial(project, stack)
        for block in takewhile(is_not_the_client, blocks(PAGE)):
            if block.text.strip() != "make run":
                tutorial.follow(block)
        wait_until(lambda: "How shall we go on?" in tutorial.page())
        yield tutorial


def is_not_the_client(block: Block) -> bool:
    return block.caption != "client.py"


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SOON
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def block_of(language: str, *, containing: str) -> Block:
    (found,) = [
        block
        for block in blocks(PAGE)
        if block.language == language and containing in block.text
    ]
    return found


def test_make_run_prints_the_addresses(tutorial: Tutorial) -> None:
    printed = block_of("text", containing="Site: ").text

    assert tutorial.at_its_ports(printed).splitlines() == [
        f"Site: {tutorial.stack.site}",
        f"WebSocket: {tutorial.stack.socket}",
    ]


async def test_a_wish_in_one_window_is_seen_in_both(
    tutorial: Tutorial, browser: Browser
) -> None:
    one, two = await browser.new_page(), await browser.new_page()
    for page in (one, two):
        async with page.expect_websocket():
            await page.goto(tutorial.stack.site)
    # A socket is open once its own wish has come back.
    await two.click("text=slower")
    await expect(two.locator("li").first).to_have_text("slower")

    await one.click("text=louder")

    for page in (one, two):
        await expect(page.locator("li").last).to_have_text("louder")


def test_the_client_prints_what_the_page_says(tutorial: Tutorial) -> None:
    wait_until(tutorial.nobody_is_connected)
    tutorial.follow(block_of("python", containing="websockets.sync"))
    command = block_of("sh", containing="client.py").text

    ended = subprocess.run(
        command.replace(".venv/bin/python", sys.executable),
        shell=True,
        cwd=tutorial.project,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    printed = block_of("text", containing="sender: ").text
    assert (ended.stdout, ended.stderr) == (printed, "")


def test_an_open_socket_meets_the_code_that_was_saved(tutorial: Tutorial) -> None:
    with connect(f"{tutorial.stack.socket}?channel=change") as socket:

        def answer() -> str:
            socket.send('{"handler": "wish", "wish": "once more"}')
            message: str = json.loads(socket.recv(timeout=10))["type"]
            return message

        assert answer() == "reply"  # the sender alone hears that it is no wish

        tutorial.follow(block_of("diff", containing="once more"))

        wait_until(lambda: answer() == "wish")
    assert "<button>once more</button>" in tutorial.page()


def test_a_mistake_is_told_as_the_page_says(tutorial: Tutorial) -> None:
    with connect(f"{tutorial.stack.socket}?channel=mistake") as socket:
        socket.send('{"handler": "applaud"}')
        received = socket.recv(timeout=10)

    assert received == block_of("json", containing="error").text.strip()
    printed = without_numbers(block_of("text", containing="WARNING").text)
    wait_until(lambda: printed in without_numbers(tutorial.stack.logged()))


def without_numbers(log: str) -> str:
    """Leave out what is another one each time."""
    return re.sub(r"\b(connection|ms|request)=\S+", r"\1=…", log)
