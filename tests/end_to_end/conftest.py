import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright

from django_aws_api_gateway_websockets.messaging.boto3_transport import Boto3Transport
from django_aws_api_gateway_websockets.messaging.contract import (
    Delivery,
    Recipient,
    Request,
)
from django_aws_api_gateway_websockets.messaging.sender import Sender
from tests.aws_environment import replace_aws_environment
from tests.builds import Build
from tests.end_to_end.observed import Observed
from tests.end_to_end.relay import Relay
from tests.end_to_end.stack import Stack, running_stack

CHROMIUM = Path("/usr/bin/chromium")
# As root in a container there is no sandbox; the rest keeps it from calling home.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
]
PATIENCE = 10  # seconds

Perform = Callable[..., Any]


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


@pytest.fixture
def relay(observed: Observed) -> Relay:
    observed.relay.forget()
    return observed.relay


@pytest.fixture
def made_with_fast_sender() -> Iterator[Sender]:
    sender = Sender()
    yield sender
    sender.close()


@pytest.fixture
def made_with_boto3() -> Iterator[Boto3Transport]:
    transport = Boto3Transport()
    yield transport
    for client in transport.clients.values():
        client.close()


@pytest.fixture(params=["fast_sender", "boto3"])
def perform(
    request: pytest.FixtureRequest,
    relay: Relay,
    monkeypatch: pytest.MonkeyPatch,
) -> Perform:
    """Make requests for a connection, one after the other, and tell what came of it."""
    replace_aws_environment(monkeypatch)
    transport = request.getfixturevalue(f"made_with_{request.param}")

    async def perform(
        connection_id: str, requests: Sequence[Request], *, stage: str = "production"
    ) -> Delivery:
        url = f"http://127.0.0.1:{relay.server_address[1]}/{stage}"
        recipients = [Recipient(1, connection_id, url)]
        told = await asyncio.to_thread(
            lambda: list(transport.perform(recipients, requests, seconds=PATIENCE))
        )
        [(recipient, delivery)] = told
        assert recipient == recipients[0]
        return delivery

    return perform
