"""What a client of a WebSocket API waits for."""

import asyncio

import pytest
import websockets

from tests.emulator.conftest import Running


async def refusal(address: str) -> websockets.Response:
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(address)
    return refused.value.response


async def closing(socket: websockets.ClientConnection) -> tuple[int, str]:
    await asyncio.wait_for(socket.wait_closed(), 5)
    assert socket.close_code is not None
    return socket.close_code, socket.close_reason or ""


async def events_of(
    running: Running, count: int, *, within: float = 10
) -> list[dict[str, object]]:
    async with asyncio.timeout(within):
        while len(running.events()) < count:
            await asyncio.sleep(0.02)
    return running.events()
