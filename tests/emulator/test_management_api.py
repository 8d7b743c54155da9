"""AWS's own client against the emulator's Management API."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import boto3
import pytest
import websockets
from botocore.config import Config
from botocore.exceptions import ClientError
from yarl import URL

from tests.emulator.conftest import Emulate, Running
from tests.emulator.templates import ALL_ROUTES, function, websocket_api, write_template


@pytest.fixture
async def running(tmp_path: Path, emulate: Emulate) -> Running:
    return await emulate(
        write_template(tmp_path, function(), websocket_api(*ALL_ROUTES))
    )


@pytest.fixture
def client(running: Running) -> Iterator[Any]:
    client = boto3.client(
        "apigatewaymanagementapi",
        endpoint_url=running.management,
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        config=Config(retries={"total_max_attempts": 1}),
    )
    yield client
    client.close()


async def connection_id(running: Running) -> str:
    async with asyncio.timeout(5):
        while not (events := running.events()):
            await asyncio.sleep(0.02)
    return str(events[-1]["requestContext"]["connectionId"])


@dataclass
class Exchange:
    status: int
    headers: Mapping[str, str]
    text: str


async def exchange(method: str, url: str, **headers: str) -> Exchange:
    async with aiohttp.ClientSession() as client:
        async with client.request(
            method, URL(url, encoded=True), headers=headers
        ) as answer:
            return Exchange(answer.status, answer.headers, await answer.text())


async def call(method: Any, **arguments: Any) -> Any:
    return await asyncio.to_thread(method, **arguments)


async def test_a_post_arrives_as_text(running: Running, client: Any) -> None:
    async with websockets.connect(running.socket) as socket:
        target = await connection_id(running)
        for data in ("grüße".encode(), b"\xff!", b"x" * 131072):
            answer = await call(
                client.post_to_connection, ConnectionId=target, Data=data
            )
            assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
            assert await asyncio.wait_for(socket.recv(), 5) == data.decode(
                "utf-8", "replace"
            )


async def test_a_long_text_arrives_in_several_frames(
    running: Running, client: Any
) -> None:
    text = "grüße" * 10_000
    async with websockets.connect(running.socket) as socket:
        target = await connection_id(running)
        await call(client.post_to_connection, ConnectionId=target, Data=text.encode())
        async with asyncio.timeout(5):
            parts = [part async for part in socket.recv_streaming(decode=False)]

    assert max(map(len, parts)) == 32_768
    assert len(parts) == 3
    assert b"".join(parts).decode() == text


async def test_a_connection_can_be_looked_at(running: Running, client: Any) -> None:
    async with websockets.connect(running.socket, user_agent_header="test"):
        target = await connection_id(running)
        before = await call(client.get_connection, ConnectionId=target)
        await call(client.post_to_connection, ConnectionId=target, Data=b"x")
        after = await call(client.get_connection, ConnectionId=target)

    assert before["Identity"] == {"SourceIp": "127.0.0.1", "UserAgent": "test"}
    assert after["LastActiveAt"] > before["LastActiveAt"]
    assert after["ConnectedAt"] == before["ConnectedAt"]


async def test_the_description_has_the_captured_layout(running: Running) -> None:
    async with websockets.connect(running.socket, user_agent_header="test"):
        url = f"{running.management}/@connections/{await connection_id(running)}"
        answer = await exchange("GET", url, Authorization="x")

    time = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
    assert re.fullmatch(
        '{\n  "identity" : {\n    "sourceIp" : "127.0.0.1",\n    "userAgent" : "test"\n  },\n'
        f'  "connectedAt" : "{time}",\n  "lastActiveAt" : "{time}"\n}}',
        answer.text,
    )
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["x-amzn-RequestId"])


async def test_a_delete_closes_the_socket(running: Running, client: Any) -> None:
    async with websockets.connect(running.socket) as socket:
        target = await connection_id(running)
        answer = await call(client.delete_connection, ConnectionId=target)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), 5)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1000
    assert closed.value.rcvd.reason == "Connection Closed Normally"
    async with asyncio.timeout(5):
        while running.events()[-1]["requestContext"]["eventType"] != "DISCONNECT":
            await asyncio.sleep(0.02)
    assert running.events()[-1]["requestContext"]["disconnectStatusCode"] == 1000


async def test_a_closed_connection_is_gone(running: Running, client: Any) -> None:
    async with websockets.connect(running.socket):
        target = await connection_id(running)

    for method in (client.get_connection, client.delete_connection):
        with pytest.raises(client.exceptions.GoneException):
            await call(method, ConnectionId=target)
    with pytest.raises(client.exceptions.GoneException):
        await call(client.post_to_connection, ConnectionId=target, Data=b"x")


async def test_a_connection_is_gone_until_its_handshake_is_over(
    tmp_path: Path, emulate: Emulate
) -> None:
    code = """
import json, os, urllib.error, urllib.request

def handler(event, context):
    connection_id = event["requestContext"]["connectionId"]
    url = os.environ["CALLBACK"] + "/@connections/" + connection_id
    request = urllib.request.Request(url, b"too early", {"Authorization": "x"})
    try:
        status = urllib.request.urlopen(request).status
    except urllib.error.HTTPError as error:
        status = error.code
    return {"statusCode": 200 if status == 410 else 500}
"""
    callback = {
        "Fn::Sub": "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/dev"
    }
    properties = {"Environment": {"Variables": {"CALLBACK": callback}}}
    template = write_template(
        tmp_path, function(**properties), websocket_api("$connect"), code=code
    )
    running = await emulate(template)

    async with websockets.connect(running.socket):
        pass


@pytest.mark.parametrize(
    ("target", "code"),
    [("gbgBRs9dGQAYKEh7VA==", "GoneException"), ("invented", "BadRequestException")],
)
async def test_unknown_ids_are_gone_and_malformed_ones_bad(
    client: Any, target: str, code: str
) -> None:
    with pytest.raises(ClientError) as refused:
        await call(client.post_to_connection, ConnectionId=target, Data=b"x")

    assert refused.value.response["Error"]["Code"] == code


async def test_oversize_data_is_refused_and_the_socket_stays(
    running: Running, client: Any
) -> None:
    async with websockets.connect(running.socket) as socket:
        target = await connection_id(running)
        with pytest.raises(ClientError) as refused:
            await call(
                client.post_to_connection, ConnectionId=target, Data=b"x" * 131073
            )
        await call(client.post_to_connection, ConnectionId=target, Data=b"fits")
        assert await asyncio.wait_for(socket.recv(), 5) == "fits"

    assert refused.value.response["Error"]["Code"] == "413"


async def test_a_client_that_does_not_read_is_throttled_and_can_be_closed(
    running: Running, client: Any
) -> None:
    socket = await websockets.connect(running.socket, max_queue=1)
    target = await connection_id(running)
    socket.transport.pause_reading()

    async def fill_the_buffers() -> None:
        for _ in range(200):
            data = b"x" * 131072
            await call(client.post_to_connection, ConnectionId=target, Data=data)

    with pytest.raises(client.exceptions.LimitExceededException):
        await fill_the_buffers()
    answer = await call(client.delete_connection, ConnectionId=target)

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    with pytest.raises(client.exceptions.GoneException):
        await call(client.get_connection, ConnectionId=target)
    socket.transport.abort()


async def test_a_post_that_is_cut_off_is_not_sent(running: Running) -> None:
    host, port = (
        running.management.removeprefix("http://").removesuffix("/dev").split(":")
    )
    async with websockets.connect(running.socket) as socket:
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            f"POST /dev/@connections/{await connection_id(running)} HTTP/1.1\r\nHost: a\r\n"
            "Authorization: a\r\nContent-Length: 100\r\n\r\nhalf".encode()
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.recv(), 0.3)


async def test_a_forged_id_cannot_write_into_the_log(
    running: Running, capfd: pytest.CaptureFixture[str]
) -> None:
    url = f"{running.management}/@connections/abcdefghijklmnopq%0AFORGED%1b[31m"

    await exchange("GET", url, Authorization="x")

    logged = capfd.readouterr().err
    assert "\nFORGED" not in logged
    assert "\x1b" not in logged


async def test_unsigned_calls_and_other_paths_are_refused(running: Running) -> None:
    path = "@connections/gbgBRs9dGQAYKEh7VA=="
    base = running.management.removesuffix("/dev")

    unsigned = await exchange("POST", f"{running.management}/{path}")
    without_stage = await exchange("POST", f"{base}/{path}", Authorization="x")
    other_stage = await exchange("POST", f"{base}/prod/{path}", Authorization="x")
    escaped_path = f"{running.management}/%40connections/{path[13:]}"
    escaped = await exchange("POST", escaped_path, Authorization="x")
    page = await exchange("GET", running.management)

    assert unsigned.status == 403
    assert unsigned.headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"
    assert without_stage.status == other_stage.status == page.status == 403
    assert other_stage.text == page.text == '{"message":"Forbidden"}'
    assert other_stage.headers["x-amzn-ErrorType"] == "ForbiddenException"
    assert escaped.status == 410
