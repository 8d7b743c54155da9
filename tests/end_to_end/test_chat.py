"""Two browsers and other clients chat through the whole stack."""

import asyncio
import json

import pytest
import websockets
from playwright.async_api import Browser, Page, expect

from tests.end_to_end.stack import Stack

HELLO = {"handler": "chat_message", "message": "hello"}


def connected(stack: Stack, channel: str) -> websockets.connect:
    return websockets.connect(
        stack.lobby(channel), origin=websockets.Origin(stack.site)
    )


async def received(socket: websockets.ClientConnection) -> dict[str, object]:
    message: dict[str, object] = json.loads(await asyncio.wait_for(socket.recv(), 10))
    return message


async def opened(browser: Browser, stack: Stack, channel: str) -> Page:
    page = await browser.new_page()
    await page.goto(f"{stack.site}/?channel={channel}")
    await expect(page.locator("#state")).to_have_attribute("data-state", "live")
    return page


as_it_is_and_built = pytest.mark.parametrize(
    "stack", ["http", "lambda", "built"], indirect=True
)


@as_it_is_and_built
async def test_a_message_reaches_everybody_in_the_channel_and_nobody_else(
    stack: Stack,
) -> None:
    async with (
        connected(stack, "room") as sender,
        connected(stack, "room") as listener,
        connected(stack, "elsewhere") as stranger,
    ):
        await sender.send(json.dumps(HELLO))

        for socket in (sender, listener):
            message = await received(socket)
            assert message["type"] == "chat_message"
            assert message["message"] == "hello"
        await stranger.send('{"handler": "ping"}')
        assert await received(stranger) == {"type": "pong"}


@as_it_is_and_built
async def test_a_browser_and_two_clients_hear_each_other(
    stack: Stack, browser: Browser
) -> None:
    page = await opened(browser, stack, "browser")
    async with (
        connected(stack, "browser") as first,
        connected(stack, "browser") as second,
    ):
        await page.fill("#message", "from the browser")
        await page.click("#send")
        for socket in (first, second):
            assert (await received(socket))["message"] == "from the browser"

        await first.send(json.dumps({**HELLO, "message": "<b>from a client</b>"}))
        for socket in (first, second):
            assert (await received(socket))["message"] == "<b>from a client</b>"

    items = page.locator("#messages li")
    await expect(items.nth(0)).to_contain_text("from the browser")
    await expect(items.nth(1)).to_contain_text("<b>from a client</b>")
    await expect(items).to_have_count(2)


async def test_two_browsers_chat_and_nothing_goes_wrong_on_their_pages(
    stack: Stack, browser: Browser
) -> None:
    problems: list[str] = []
    one, two = (
        await opened(browser, stack, "pages"),
        await opened(browser, stack, "pages"),
    )
    for page in (one, two):
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))

    await one.fill("#message", "anybody there?")
    await one.press("#message", "Enter")
    await expect(two.locator("#messages li")).to_contain_text("anybody there?")
    await two.fill("#message", "yes")
    await two.click("#send")
    await expect(one.locator("#messages li").nth(1)).to_contain_text("yes")

    assert problems == []


async def test_a_text_that_is_not_delivered_comes_back(
    http_stack: Stack, browser: Browser
) -> None:
    page = await browser.new_page()
    await page.clock.install()
    await page.goto(f"{http_stack.site}/?channel=lost")
    await expect(page.locator("#state")).to_have_attribute("data-state", "live")

    await page.evaluate("WebSocket.prototype.send = () => {}")
    await page.fill("#message", "into the void")
    await page.press("#message", "Enter")
    await expect(page.locator("#message")).to_have_value("")
    await page.clock.fast_forward(11_000)

    await expect(page.locator("#notice")).to_contain_text("Not delivered")
    await expect(page.locator("#message")).to_have_value("into the void")


async def test_a_text_that_django_refuses_comes_back(
    stack: Stack, browser: Browser
) -> None:
    page = await opened(browser, stack, "refused")
    long = "x" * 2001
    await page.evaluate(
        "document.getElementById('message').removeAttribute('maxlength')"
    )
    await page.fill("#message", long)
    await page.press("#message", "Enter")

    await expect(page.locator("#notice")).to_contain_text("at most 2000 characters")
    await expect(page.locator("#message")).to_have_value(long)


async def test_every_event_is_one_line_of_the_gateway_and_one_of_django(
    stack: Stack,
) -> None:
    address = stack.lobby("lines") + "&ws_token=verysecret"
    async with websockets.connect(address) as socket:
        await socket.send(json.dumps({**HELLO, "ws_token": "verysecret"}))
        await received(socket)
    await asyncio.sleep(0.5)

    connection_id = str(stack.row("lines")["connection_id"])
    lines = [line for line in stack.logged().splitlines() if connection_id in line]
    seen_by_django = [line for line in lines if line.startswith("INFO ")]
    routes = [line.split()[1] for line in lines if line not in seen_by_django]
    assert sorted(routes) == ["$connect", "$default", "$disconnect", "POST"]
    outcomes = [line.split()[2] for line in seen_by_django]
    assert outcomes == ["connected", "handled", "disconnected"]
    assert all(" 200 " in line and "ms" in line for line in lines)
    assert "verysecret" not in stack.logged()
