"""Why a socket is closed, and what is told of it."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
import websockets

from gateway_emulator.limits import SocketLifetime
from tests.emulator.conftest import Emulate, Running
from tests.emulator.sockets import closing, events_of
from tests.emulator.templates import ALL_ROUTES, function, websocket_api, write_template


async def test_a_close_without_a_code_is_1005_and_a_lost_connection_1006(
    running: Running,
) -> None:
    socket = await websockets.connect(running.socket)
    socket.protocol.send_close()
    socket.transport.write(b"".join(socket.protocol.data_to_send()))
    await socket.wait_closed()
    lost = await websockets.connect(running.socket)
    lost.transport.abort()

    await events_of(running, 4)
    codes = [
        event["requestContext"]["disconnectStatusCode"]
        for event in running.events()
        if event["requestContext"]["eventType"] == "DISCONNECT"
    ]
    assert sorted(codes) == [1005, 1006]


async def test_a_clients_own_1012_is_delivered(running: Running) -> None:
    async with websockets.connect(running.socket) as socket:
        await socket.close(1012, "moving")

    _, disconnect = await events_of(running, 2)
    context = disconnect["requestContext"]
    assert (context["disconnectStatusCode"], context["disconnectReason"]) == (
        1012,
        "moving",
    )  # type: ignore[index]


async def test_invalid_utf_8_closes_the_socket_and_is_not_logged(
    running: Running, capfd: pytest.CaptureFixture[str]
) -> None:
    async with websockets.connect(running.socket) as socket:
        await socket.send(b"\xffsecret", text=True)
        assert (await closing(socket))[0] == 1007

    await events_of(running, 2)
    assert "secret" not in capfd.readouterr().err


async def test_a_binary_frame_closes_the_socket(running: Running) -> None:
    async with websockets.connect(running.socket) as socket:
        await socket.send(b"\x00")
        assert await closing(socket) == (1003, "Binary is not supported")

    events = await events_of(running, 2)
    reason = events[1]["requestContext"]
    assert reason["disconnectStatusCode"] == 1003  # type: ignore[index]
    assert reason["disconnectReason"] == "Binary is not supported"  # type: ignore[index]


async def test_frames_of_32_and_messages_of_128_kilobytes_are_the_largest(
    running: Running,
) -> None:
    async with websockets.connect(running.socket) as socket:
        await socket.send(['"' + "x" * 32767, *["x" * 32768] * 2, "x" * 32767 + '"'])
        await events_of(running, 2)
        await socket.send("x" * 32769)
        assert (await closing(socket))[0] == 1009
    async with websockets.connect(running.socket) as socket:
        await socket.send(["x" * 32768] * 4 + ["x"])
        assert (await closing(socket))[0] == 1009

    events = await events_of(running, 5)
    assert len(str(events[1]["body"])) == 131072
    assert events[2]["requestContext"]["disconnectStatusCode"] == 1009  # type: ignore[index]


async def test_a_client_that_goes_on_sending_learns_why_its_socket_was_closed(
    running: Running,
) -> None:
    for _ in range(5):
        async with websockets.connect(running.socket) as socket:
            with suppress(websockets.ConnectionClosed):
                await socket.send(["x" * 32768] * 30)
            assert (await closing(socket))[0] == 1009


async def test_an_idle_socket_is_closed(tmp_path: Path, emulate: Emulate) -> None:
    template = write_template(tmp_path, function(), websocket_api(*ALL_ROUTES))
    running = await emulate(template, lifetime=SocketLifetime(idle=0.8))

    async with websockets.connect(running.socket) as socket:
        for _ in range(3):
            await asyncio.sleep(0.4)
            await socket.send("still here")
        assert await closing(socket) == (1001, "Going away")


async def test_no_socket_lives_longer_than_its_duration(
    tmp_path: Path, emulate: Emulate
) -> None:
    template = write_template(tmp_path, function(), websocket_api(*ALL_ROUTES))
    running = await emulate(template, lifetime=SocketLifetime(duration=0.3))

    async with websockets.connect(running.socket) as socket:
        assert await closing(socket) == (1001, "Going away")
