"""Clients that have gone without a word, and clients that are just arriving."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import websockets

from tests.end_to_end.stack import ROOT, Stack, running_stack
from tests.end_to_end.test_chat import HELLO, connected, received


@pytest.fixture(scope="module", params=["http", "lambda"])
def forgetful(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """A stack whose gateway delivers no $disconnect and whose Django is slow when asked to be."""
    options = (
        "--drop-disconnect --env DJANGO_SETTINGS_MODULE=tests.end_to_end.slow_settings"
        f" --env PYTHONPATH={ROOT}:{ROOT / 'django_app'}"
    )
    folder: Path = tmp_path_factory.mktemp("forgetful")
    with running_stack(folder, integration=request.param, options=options) as stack:
        yield stack


async def cut(stack: Stack, channel: str, *, after_a_message: bool) -> None:
    """Connect a client, let it send a message or not, and cut its connection."""
    socket = await connected(stack, channel)
    if after_a_message:
        await socket.send('{"handler": "ping"}')
        await received(socket)
    socket.transport.abort()
    await asyncio.sleep(0.3)


async def broadcast(stack: Stack, channel: str) -> None:
    """Send to whoever is in a channel, as one who has joined it."""
    async with connected(stack, channel) as socket:
        await socket.send(json.dumps(HELLO))
        await received(socket)
        await asyncio.sleep(0.5)  # until the retry, 250 ms later, is over as well


async def test_who_has_sent_a_message_is_found_gone_by_the_next_send(
    forgetful: Stack,
) -> None:
    await cut(forgetful, "spoke", after_a_message=True)
    assert forgetful.row("spoke")["connected"] == 1

    await broadcast(forgetful, "spoke")

    row = forgetful.row("spoke")
    assert (row["connected"], row["closed_reason"]) == (0, "gone")


async def test_who_never_sent_is_found_gone_by_the_first_send_after_30_seconds(
    forgetful: Stack,
) -> None:
    await cut(forgetful, "silent", after_a_message=False)

    await broadcast(forgetful, "silent")
    assert forgetful.row("silent")["connected"] == 1

    forgetful.age("silent", seconds=31)
    await broadcast(forgetful, "silent")
    row = forgetful.row("silent")
    assert (row["connected"], row["closed_reason"]) == (0, "gone")


@pytest.mark.parametrize("delay", [0.2, 1.5])
async def test_a_broadcast_in_the_middle_of_a_handshake_does_not_lose_the_client(
    forgetful: Stack, delay: float
) -> None:
    channel = f"arriving-{delay}".replace(".", "-")
    await warm_workers(forgetful)

    arriving = asyncio.create_task(slow_connect(forgetful, channel, delay))
    await asyncio.sleep(0.1)  # the row is there, the handshake is not over
    await broadcast(forgetful, channel)

    assert not arriving.done() or delay < 1
    socket = await arriving
    assert forgetful.row(channel)["connected"] == 1
    if delay > 1:  # longer than the one retry: the next message arrives
        await broadcast(forgetful, channel)
    assert (await received(socket))["message"] == "hello"
    await socket.close()


async def slow_connect(
    stack: Stack, channel: str, delay: float
) -> websockets.ClientConnection:
    address = f"{stack.lobby(channel)}&delay={delay}"
    return await websockets.connect(address, origin=websockets.Origin(stack.site))


async def warm_workers(stack: Stack) -> None:
    """Have workers for a slow connect, a sender and a message at once."""
    sockets = await asyncio.gather(
        *(slow_connect(stack, "warm", 0.6) for _ in range(3))
    )
    for socket in sockets:
        await socket.close()
