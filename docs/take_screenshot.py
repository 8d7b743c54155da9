"""Take the README's picture: two windows of the running demo, side by side.

Start the demo with `make run`, then: .venv/bin/python docs/take_screenshot.py
It needs Chromium (Debian: apt-get install chromium).
"""

import argparse
from base64 import b64encode
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

IMAGE = Path(__file__).parent / "images" / "chat.png"
CHROMIUM = Path("/usr/bin/chromium")
SIDE_BY_SIDE = """
<style>
  body {{ margin: 0; padding: 24px; display: flex; gap: 24px; background: #d8dee9; }}
  img {{ width: 468px; border-radius: 10px; box-shadow: 0 8px 28px #0004; }}
</style>
<img src="data:image/png;base64,{}"><img src="data:image/png;base64,{}">
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Take the README's picture.")
    parser.add_argument("--site", default="http://localhost:8000")
    site = parser.parse_args().site
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        size = {"width": 468, "height": 560}
        light = browser.new_context(
            viewport=size, color_scheme="light", device_scale_factor=2
        )
        dark = browser.new_context(
            viewport=size, color_scheme="dark", device_scale_factor=2
        )
        pictures = pictures_of_a_chat(
            opened(light, site, "one browser"), opened(dark, site, "another")
        )
        page = browser.new_page(
            viewport={"width": 1008, "height": 608}, device_scale_factor=2
        )
        page.set_content(SIDE_BY_SIDE.format(*pictures))
        page.screenshot(path=IMAGE)
        browser.close()


def opened(context: BrowserContext, site: str, nickname: str) -> Page:
    page = context.new_page()
    page.goto(f"{site}/?channel=picture")
    page.fill("#nickname", nickname)
    expect(page.locator("#state")).to_have_attribute("data-state", "live")
    return page


def pictures_of_a_chat(left: Page, right: Page) -> list[str]:
    """Let the two talk; return both windows as base64."""
    lines = (
        (left, "Is this really Django, without a server?"),
        (right, "A view, a method, and API Gateway holds the sockets."),
        (left, "And on my laptop?"),
        (right, "make run. No account, no Docker."),
    )
    for count, (page, text) in enumerate(lines, start=1):
        page.fill("#message", text)
        page.click("#send")
        for window in (left, right):
            expect(window.locator("#messages li")).to_have_count(count)
    return [encoded(left.screenshot()), encoded(right.screenshot())]


def encoded(picture: bytes) -> str:
    return b64encode(picture).decode()


if __name__ == "__main__":
    main()
