"""Which handshakes are accepted, and how others are refused."""

import asyncio
import json
from pathlib import Path

import pytest
import websockets

from tests.emulator.conftest import Emulate, Running
from tests.emulator.sockets import events_of, refusal
from tests.emulator.templates import function, websocket_api, write_template


async def test_an_accepted_handshake_has_no_further_headers(running: Running) -> None:
    async with websockets.connect(running.socket) as socket:
        assert socket.response is not None
        names = {name.lower() for name in socket.response.headers}

    assert names == {"date", "connection", "upgrade", "sec-websocket-accept"}


async def test_a_trailing_slash_is_the_same_stage(running: Running) -> None:
    async with websockets.connect(running.socket + "/"):
        pass


@pytest.mark.parametrize("path", ["", "/", "/other", "/dev/more", "/dev2"])
async def test_other_paths_are_forbidden(running: Running, path: str) -> None:
    address = running.socket.removesuffix("/dev") + path

    response = await refusal(address)

    assert response.status_code == 403
    assert response.body == b'{"message":"Forbidden"}'


@pytest.mark.parametrize("status", [301, 400, 401, 403, 501])
async def test_another_status_than_2xx_refuses_the_client_with_the_body(
    running: Running, status: int
) -> None:
    response = await refusal(f"{running.socket}?status={status}")

    assert response.status_code == status
    assert response.body == b'{"said": "no"}'
    assert response.headers["content-type"] == "application/json; charset=UTF-8"
    assert len(response.headers["x-amz-apigw-id"]) == 16
    await asyncio.sleep(0.1)
    assert [event["requestContext"]["eventType"] for event in running.events()] == [
        "CONNECT"
    ]


@pytest.mark.parametrize(
    ("asked", "status"), [("raise", 502), ("exit", 502), ("malformed", 500)]
)
async def test_a_failing_function_refuses_the_client(
    running: Running, asked: str, status: int
) -> None:
    response = await refusal(f"{running.socket}?{asked}=1")

    assert response.status_code == status
    frame = json.loads(response.body)
    assert frame["message"] == "Internal server error"
    assert frame.keys() == {"message", "connectionId", "requestId"}


async def test_a_status_that_is_none_is_malformed(
    tmp_path: Path, emulate: Emulate
) -> None:
    code = 'def handler(event, context):\n    return {"statusCode": 700}\n'
    running = await emulate(
        write_template(tmp_path, function(), websocket_api("$connect"), code=code)
    )

    assert (await refusal(running.socket)).status_code == 500


async def test_the_chosen_subprotocol_reaches_the_client(running: Running) -> None:
    offered = [websockets.Subprotocol("chat"), websockets.Subprotocol("v2")]

    async with websockets.connect(
        f"{running.socket}?protocol=v2", subprotocols=offered
    ) as socket:
        assert socket.subprotocol == "v2"
    async with websockets.connect(running.socket, subprotocols=offered) as socket:
        assert socket.subprotocol is None

    events = await events_of(running, 4)
    assert events[0]["headers"]["Sec-WebSocket-Protocol"] == "chat, v2"  # type: ignore[index]


@pytest.mark.parametrize(
    "request_head",
    [
        "GET /dev?" + "x" * 10_000 + " HTTP/1.1\r\n",
        "GET /dev HTTP/1.1\r\nX-Large: " + "x" * 100_000 + "\r\n",
        "GET /dev HTTP/1.1\r\n" + "".join(f"X-{n}: 1\r\n" for n in range(500)),
    ],
    ids=["long address", "large header", "many headers"],
)
async def test_a_handshake_that_is_too_large_is_answered(
    running: Running, request_head: str
) -> None:
    host, port = running.socket.removeprefix("ws://").removesuffix("/dev").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    upgrade = (
        "Host: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    line, _, rest = request_head.partition("\r\n")
    writer.write(
        (f"{line}\r\n" + upgrade.replace("\r\n\r\n", f"\r\n{rest}\r\n")).encode()
    )

    answer = await asyncio.wait_for(reader.read(), 5)

    assert answer.startswith(b"HTTP/1.1 4")
    writer.close()
    await writer.wait_closed()


async def test_no_line_of_the_log_shows_a_token(
    running: Running, capfd: pytest.CaptureFixture[str]
) -> None:
    async with websockets.connect(f"{running.socket}?ws_token=verysecret") as socket:
        await socket.send('{"ws_token": "verysecret"}')
        await events_of(running, 2)
    await refusal(f"{running.socket}?status=403&ws_token=verysecret")
    await events_of(running, 4)
    await asyncio.sleep(0.1)

    written = capfd.readouterr()
    assert "verysecret" not in written.err + written.out
    assert "$connect" in written.err
