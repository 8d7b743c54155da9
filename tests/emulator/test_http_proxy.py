"""The HTTP request that an HTTP_PROXY integration makes."""

import asyncio
import threading
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import websockets

from tests.emulator.conftest import Emulate, Running
from tests.emulator.templates import ALL_ROUTES, websocket_api, write_template
from tests.ports import free_port


class Backend(BaseHTTPRequestHandler):
    """Writes down every request; the path after /status/ is the answer's status."""

    requests: list[tuple[str, str, dict[str, str], bytes]]
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.requests.append((self.command, self.path, dict(self.headers), body))
        status = int(self.path.partition("status=")[2] or 200)
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", "7")
        self.end_headers()
        self.wfile.write(b"backend")

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


@pytest.fixture
def backend() -> Iterator[ThreadingHTTPServer]:
    Backend.requests = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Backend) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield server
        server.shutdown()
        serving.join()


MAPPING = {
    "integration.request.header.Connectionid": "context.connectionId",
    "integration.request.header.X-Ws-Event-Type": "context.eventType",
    "integration.request.header.X-Ws-Source-Ip": "context.identity.sourceIp",
    "integration.request.header.X-Ws-Message-Id": "context.messageId",
    "integration.request.header.X-Static": "'it is static'",
    "integration.request.header.X-Stage": "stageVariables.color",
    "integration.request.header.X-Room": "route.request.querystring.room",
    "integration.request.header.X-Language": "route.request.header.accept-language",
    "integration.request.header.X-Kind": "route.request.body.kind.name",
    "integration.request.header.Sec-WebSocket-Version": "'0'",
}


@pytest.fixture
async def running(
    tmp_path: Path, emulate: Emulate, backend: ThreadingHTTPServer
) -> Running:
    integration = {
        "IntegrationType": "HTTP_PROXY",
        "IntegrationUri": f"http://127.0.0.1:{backend.server_port}/ws",
        "RequestParameters": MAPPING,
    }
    api = websocket_api(
        *ALL_ROUTES,
        integration=integration,
        stage={"StageVariables": {"color": "blue"}},
    )
    return await emulate(write_template(tmp_path, api))


async def requests_of(count: int) -> list[tuple[str, str, dict[str, str], bytes]]:
    async with asyncio.timeout(5):
        while len(Backend.requests) < count:
            await asyncio.sleep(0.02)
    return Backend.requests


async def test_connect_passes_the_clients_headers_and_query(running: Running) -> None:
    headers = {
        "Cookie": "sessionid=abc",
        "Accept-Language": "de",
        "X-Ws-Source-Ip": "forged",
        "Connectionid": "forged",
        "Via": "1.1 somewhere",
        "X-Ws-Message-Id": "forged",
        "x-kind": "forged",
    }
    async with websockets.connect(
        f"{running.socket}?room=7&a=%20b",
        origin="https://a.example",
        additional_headers=headers,  # type: ignore[arg-type]
        user_agent_header=None,
    ):
        ((method, path, sent, body), *_) = await requests_of(1)

    api_id = running.emulator.current_websocket_api().api_id
    assert (method, path, body) == ("POST", "/ws?room=7&a=%20b", b"")
    assert sent["Content-Length"] == "0"
    assert sent["Accept"] == "application/json"
    assert sent["Cookie"] == "sessionid=abc"
    assert sent["Origin"] == "https://a.example"
    assert sent["User-Agent"] == f"AmazonAPIGateway_{api_id}"
    assert sent["x-amzn-apigateway-api-id"] == api_id
    assert sent["X-Forwarded-For"] == sent["X-Ws-Source-Ip"] == "127.0.0.1"
    assert sent["Connectionid"] != "forged"
    assert sent["X-Ws-Event-Type"] == "CONNECT"
    assert sent["X-Static"] == "it is static"
    assert sent["X-Stage"] == "blue"
    assert (sent["X-Room"], sent["X-Language"]) == ("7", "de")
    assert sent["Sec-WebSocket-Version"] == "0"
    assert sent["Host"].startswith("127.0.0.1:")
    assert (
        not {"Upgrade", "Via", "X-Kind", "X-Ws-Message-Id", "Connection"} & sent.keys()
    )


async def test_messages_and_disconnects_have_none_of_the_clients_headers(
    running: Running,
) -> None:
    async with websockets.connect(
        f"{running.socket}?room=7", additional_headers={"Cookie": "a=1"}
    ) as socket:
        await socket.send('{"kind": {"name": "grüße"}}')
        await requests_of(2)

    _, (_, path, message, body), (_, _, disconnect, empty) = await requests_of(3)
    api_id = running.emulator.current_websocket_api().api_id
    common = {
        "Host", "Accept", "X-Amzn-Trace-Id", "User-Agent", "x-amzn-apigateway-api-id",
        "Content-Length", "Connectionid", "X-Ws-Event-Type", "X-Ws-Source-Ip", "X-Static",
        "X-Stage", "Sec-WebSocket-Version",
    }  # fmt: skip
    assert path == "/ws"
    assert body.decode() == '{"kind": {"name": "grüße"}}'
    assert message.keys() == common | {"Content-Type", "X-Kind", "X-Ws-Message-Id"}
    assert message["User-Agent"] == f"AmazonAPIGateway_{api_id}"
    assert message["Content-Length"] == str(len(body))
    assert (disconnect.keys(), empty) == (common, b"")
    assert disconnect["Connectionid"] == message["Connectionid"]


async def test_a_stage_variable_stands_in_the_address(
    tmp_path: Path, emulate: Emulate, backend: ThreadingHTTPServer
) -> None:
    integration = {
        "IntegrationType": "HTTP_PROXY",
        "IntegrationUri": "http://${stageVariables.backend}/ws",
    }
    variables = {"backend": f"127.0.0.1:{backend.server_port}"}
    api = websocket_api(
        "$connect", integration=integration, stage={"StageVariables": variables}
    )
    running = await emulate(write_template(tmp_path, api))

    async with websockets.connect(running.socket):
        assert (await requests_of(1))[0][1] == "/ws"


async def test_the_backends_refusal_reaches_the_client(running: Running) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(f"{running.socket}?status=401")

    assert refused.value.response.status_code == 401
    assert refused.value.response.body == b"backend"
    assert refused.value.response.headers["content-type"] == "text/plain; charset=UTF-8"


async def test_an_unreachable_backend_is_an_internal_error(
    tmp_path: Path, emulate: Emulate
) -> None:
    integration = {
        "IntegrationType": "HTTP_PROXY",
        "IntegrationUri": f"http://127.0.0.1:{free_port()}",
    }
    running = await emulate(
        write_template(tmp_path, websocket_api("$default", integration=integration))
    )

    async with websockets.connect(running.socket) as socket:
        await socket.send("{}")
        frame = await asyncio.wait_for(socket.recv(), 5)

    assert str(frame).startswith('{"message": "Internal server error", ')


async def test_a_slow_backend_times_out(tmp_path: Path, emulate: Emulate) -> None:
    async def keep_waiting(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.read()  # until the caller gives up
        writer.close()

    async with await asyncio.start_server(keep_waiting, "127.0.0.1", 0) as backend:
        integration = {
            "IntegrationType": "HTTP_PROXY",
            "IntegrationUri": f"http://127.0.0.1:{backend.sockets[0].getsockname()[1]}",
            "TimeoutInMillis": 200,
        }
        running = await emulate(
            write_template(tmp_path, websocket_api("$default", integration=integration))
        )
        async with websockets.connect(running.socket) as socket:
            await socket.send("{}")
            frame = await asyncio.wait_for(socket.recv(), 5)

    assert str(frame).startswith('{"message": "Endpoint request timed out", ')
