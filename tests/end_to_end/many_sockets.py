"""Sockets by the hundred, from their first message to their last."""

import asyncio
import json
import os
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import websockets

from tests.end_to_end.observed import OPTIONS
from tests.end_to_end.stack import TABLE, Stack, running_stack
from tests.sending_process import MESSAGE, sending_process

CHANNEL = "many"
AT_ONCE = 8  # handshakes
PATIENCE = 60  # seconds
GOODBYE = {"type": "goodbye", "reason": "staff", "reconnect": False}


@contextmanager
def room_for(sockets: int) -> Iterator[None]:
    """Let this process, and those it starts, have so many files open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = sockets + 500
    if hard != resource.RLIM_INFINITY and hard < wanted:
        reason = f"needs {wanted} open files (ulimit -Hn says {hard})"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def crowded_stack(folder: Path, sockets: int) -> Iterator[Stack]:
    """A stack with room for so many sockets."""
    with (
        room_for(sockets),
        running_stack(folder, integration="lambda", options=OPTIONS) as stack,
    ):
        yield stack


@dataclass(frozen=True)
class Sockets:
    stack: Stack
    open: list[websockets.ClientConnection]

    async def in_process(self, action: str) -> dict[str, Any]:
        environment = {
            **os.environ,
            **self.stack.environment(),
            "AWS_ACCESS_KEY_ID": "emulator",
            "AWS_SECRET_ACCESS_KEY": "emulator",
            "AWS_REGION": "us-east-1",
            "DATABASE_URL": f"sqlite:///{self.stack.database}",
        }
        return await asyncio.to_thread(sending_process, environment, action, CHANNEL)

    async def cut(self, number: int) -> None:
        """End so many of them without a word."""
        for _ in range(number):
            self.open.pop().transport.abort()
        await asyncio.sleep(1)  # until the gateway has noticed

    def states(self) -> dict[tuple[int, str], int]:
        """How many rows there are, by whether they are open and why not."""
        columns = "connected, closed_reason"
        query = f"SELECT {columns}, COUNT(*) FROM {TABLE} WHERE channel_name = ? GROUP BY {columns}"
        with closing(sqlite3.connect(self.stack.database)) as database:
            return {
                (each[0], each[1]): each[2]
                for each in database.execute(query, [CHANNEL])
            }


async def opened(stack: Stack, number: int) -> Sockets:
    turn = asyncio.Semaphore(AT_ONCE)

    async def open_one() -> websockets.ClientConnection:
        async with turn:
            return await websockets.connect(
                stack.lobby(CHANNEL),
                origin=websockets.Origin(stack.site),
                compression=None,
                open_timeout=PATIENCE,
                ping_interval=None,
            )

    return Sockets(
        stack, list(await asyncio.gather(*(open_one() for _ in range(number))))
    )


async def heard_until_the_end(socket: websockets.ClientConnection) -> list[Any]:
    return [json.loads(message) async for message in socket]


async def all_are_reached_and_hung_up_on(
    stack: Stack, number: int, *, leaving: int
) -> dict[str, Any]:
    """Assert the promises, and return the figures."""
    began = asyncio.get_running_loop().time()
    sockets = await opened(stack, number)
    connected = asyncio.get_running_loop().time() - began
    stack.age(CHANNEL, seconds=31)  # so that nobody is still connecting

    to_all = await sockets.in_process("send")
    assert to_all["counts"] == {"sent": number}

    await sockets.cut(leaving)
    to_the_rest = await sockets.in_process("send")
    assert to_the_rest["counts"] == {"sent": number - leaving, "gone": leaving}
    assert sockets.states() == {(1, ""): number - leaving, (0, "gone"): leaving}

    hung_up = await sockets.in_process("hang_up")
    assert hung_up["closed"] == number - leaving
    async with asyncio.timeout(PATIENCE):
        heard = await asyncio.gather(*map(heard_until_the_end, sockets.open))
    assert heard == [[MESSAGE, MESSAGE, GOODBYE]] * (number - leaving)
    assert {socket.close_code for socket in sockets.open} == {1000}
    assert sockets.states() == {(0, "staff"): number}
    return {"connected": connected, "sent": to_all, "hung_up": hung_up["seconds"]}
