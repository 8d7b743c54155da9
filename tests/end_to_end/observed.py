"""A stack whose functions send by way of a relay, and tell how they do it."""

import asyncio
import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.end_to_end.relay import Relay, relayed
from tests.end_to_end.stack import ROOT, Stack, running_stack
from tests.end_to_end.test_chat import connected, received
from tests.ports import free_port

# The gateway does not tell Django who has gone: the next message finds it out.
OPTIONS = (
    "--drop-disconnect --env DJANGO_SETTINGS_MODULE=tests.end_to_end.sending_settings"
    f" --env PYTHONPATH={ROOT}:{ROOT / 'django_app'}"
)
EVENTS = 12


@dataclass(frozen=True)
class Observed:
    stack: Stack
    relay: Relay

    async def replies_to_events(self) -> list[dict[str, Any]]:
        """Let two clients speak by turns, who both hear all; return what they are told."""
        self.relay.forget()
        replies = []
        async with (
            connected(self.stack, "room") as first,
            connected(self.stack, "room") as second,
        ):
            for number in range(EVENTS):
                speaker, listener = (first, second) if number % 2 else (second, first)
                said = {"type": "said", "text": f"number {number}"}
                await speaker.send(json.dumps({"handler": "say", "id": number, **said}))
                assert await received(listener) == said
                assert await received(speaker) == said
                reply = await received(speaker)
                assert (reply["type"], reply["id"]) == ("reply", number)
                replies.append(reply["data"])
                await asyncio.sleep(0.02)  # until the function is free again
        return replies

    async def replies_of_the_site(self) -> list[dict[str, Any]]:
        """Let requests to the site speak to a client; return their answers."""
        self.relay.forget()
        replies = []
        async with connected(self.stack, "visited") as listener:
            for number in range(EVENTS):
                said = {"type": "said", "text": f"number-{number}"}
                address = f"{self.stack.site}/say/visited/{said['text']}"
                replies.append(await asyncio.to_thread(answer_at, address))
                assert await received(listener) == said
        return replies

    def sends_without_boto3_and_keeps_its_connections(
        self, replies: list[dict[str, Any]], *, listeners: int, calls: int
    ) -> None:
        """Assert it of the functions that have answered so."""
        assert [each["aws"] for each in replies] == [[]] * EVENTS
        assert [each["sent"] for each in replies] == [listeners] * EVENTS
        assert len(self.relay.requests) == calls * EVENTS
        # Each process opens one connection for all that it sends.
        processes = {each["process"] for each in replies}
        assert len(self.relay.connections) == len(processes) < EVENTS


def answer_at(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=20) as answer:
        return json.load(answer)


@contextmanager
def observed_stack(folder: Path, integration: str) -> Iterator[Observed]:
    port = free_port()
    callback_url = f"http://127.0.0.1:{port}/production"
    options = f"{OPTIONS} --env WEBSOCKET_CALLBACK_URL={callback_url}"
    with running_stack(folder, integration=integration, options=options) as stack:
        gateway_port = urlsplit(stack.socket).port
        assert gateway_port
        with relayed(port=port, to=gateway_port) as relay:
            yield Observed(stack, relay)
