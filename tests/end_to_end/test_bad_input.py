"""What strangers and broken clients send to the running stack."""

import asyncio
import json
from collections.abc import Mapping

import aiohttp
import pytest
import websockets

from tests.end_to_end.stack import Stack
from tests.end_to_end.test_chat import connected, received

OPEN = "gbgBRs9dGQAYKEh7VA=="
CLOSED = "gbgBRs9dGQAYKEh7VB=="


async def post(
    stack: Stack,
    route: str,
    headers: Mapping[str, str],
    body: bytes = b"",
    method: str = "POST",
) -> tuple[int, str]:
    async with aiohttp.ClientSession() as client:
        async with client.request(
            method, f"{stack.site}/ws/{route}", headers=headers, data=body
        ) as response:
            return response.status, await response.text()


@pytest.fixture
def headers(http_stack: Stack) -> dict[str, str]:
    """What the gateway itself would send."""
    environment = http_stack.environment()
    return {
        "Content-Type": "application/json",
        "Connectionid": OPEN,
        "X-Ws-Gateway-Secret": environment["GATEWAY_SECRET"],
        "X-Ws-Api-Id": environment["WEBSOCKET_API_ID"],
        "User-Agent": f"AmazonAPIGateway_{environment['WEBSOCKET_API_ID']}",
    }


@pytest.fixture
async def rows(http_stack: Stack, headers: dict[str, str]) -> list[tuple[object, ...]]:
    """Have one open and one closed session, and return all rows."""
    await post(http_stack, "connect?channel=bad-input", headers)
    await post(http_stack, "disconnect", {**headers, "Connectionid": CLOSED})
    return http_stack.rows()


HEADERS = [
    ("no secret", {"X-Ws-Gateway-Secret": None}, 403, "Invalid request"),
    ("wrong secret", {"X-Ws-Gateway-Secret": "x" * 64}, 403, "Invalid request"),
    ("secret with underscores", {"X-Ws-Gateway-Secret": None, "X_Ws_Gateway_Secret": "x"}, 403, "Invalid request"),
    ("unknown API id", {"X-Ws-Api-Id": "unknown"}, 400, "Invalid request headers"),
    ("empty API id", {"X-Ws-Api-Id": ""}, 400, "Invalid request headers"),
    ("two addresses", {"X-Ws-Source-Ip": "192.0.2.1,192.0.2.2"}, 400, "Invalid request headers"),
    ("no connection id", {"Connectionid": None}, 400, "Invalid request headers"),
    ("malformed connection id", {"Connectionid": "a b/../c"}, 400, "Invalid connection ID"),
    ("long connection id", {"Connectionid": "x" * 129}, 400, "Invalid connection ID"),
]  # fmt: skip


@pytest.mark.parametrize("route", ["connect", "default", "disconnect"])
@pytest.mark.parametrize(
    ("change", "status", "text"),
    [each[1:] for each in HEADERS],
    ids=[each[0] for each in HEADERS],
)
async def test_wrong_headers_are_refused_and_change_nothing(
    http_stack: Stack,
    headers: dict[str, str],
    rows: list[tuple[object, ...]],
    route: str,
    change: dict[str, str | None],
    status: int,
    text: str,
) -> None:
    sent = {
        name: value
        for name, value in {**headers, **change}.items()
        if value is not None
    }
    before = len(refusals(http_stack))

    answer = await post(
        http_stack, route, sent, b'{"handler": "chat_message", "message": "x"}'
    )

    assert answer == (status, text)
    assert http_stack.rows() == rows
    await asyncio.sleep(0.05)
    assert len(refusals(http_stack)) == before + 1


BODIES = [
    ("not JSON", b"hello"),
    ("not UTF-8", b"\xff\xfe"),
    ("empty", b""),
    ("no object", b'["chat_message"]'),
    ("a scalar", b"7"),
    ("NaN", b'{"handler": "chat_message", "message": NaN}'),
    ("deeply nested", b'{"handler":' + b"[" * 50_000 + b"]" * 50_000 + b"}"),
    ("oversize", b'{"handler": "chat_message", "message": "' + b"x" * 131_072 + b'"}'),
    ("no handler", b'{"message": "x"}'),
    ("unknown handler", b'{"handler": "nobody"}'),
    ("private handler", b'{"handler": "_message"}'),
    ("dunder handler", b'{"handler": "__init__"}'),
    ("undeclared method", b'{"handler": "dispatch"}'),
    ("attribute", b'{"handler": "body"}'),
    ("handler of another type", b'{"handler": {"a": 1}}'),
]


@pytest.mark.parametrize(
    "body", [each[1] for each in BODIES], ids=[each[0] for each in BODIES]
)
async def test_a_bad_message_is_refused_with_one_line(
    http_stack: Stack,
    headers: dict[str, str],
    rows: list[tuple[object, ...]],
    body: bytes,
) -> None:
    before = len(refusals(http_stack))

    answer = await post(http_stack, "default", headers, body)

    assert answer == (400, "Invalid request format (1)")
    assert [each[:3] for each in http_stack.rows()] == [each[:3] for each in rows]
    await asyncio.sleep(0.05)
    assert len(refusals(http_stack)) == before + 1
    assert "Traceback" not in http_stack.logged()


@pytest.mark.parametrize(("connection_id", "route"), [("neverseen", "default"), (CLOSED, "default"), (OPEN, "connect"), (CLOSED, "connect")])  # fmt: skip
async def test_unknown_closed_and_taken_ids_are_refused(
    http_stack: Stack,
    headers: dict[str, str],
    rows: list[tuple[object, ...]],
    connection_id: str,
    route: str,
) -> None:
    sent = {**headers, "Connectionid": connection_id}

    answer = await post(http_stack, route, sent, b'{"handler": "ping"}')

    assert answer == (400, "Invalid connection ID")
    assert http_stack.rows() == rows


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
async def test_only_post_is_answered(
    http_stack: Stack, headers: dict[str, str], method: str
) -> None:
    trusted = await post(http_stack, "connect", headers, method=method)
    stranger = await post(http_stack, "connect", {}, method=method)

    assert trusted[0] == 405
    assert stranger[0] == 403


async def test_a_second_header_with_underscores_is_not_believed(
    http_stack: Stack, headers: dict[str, str], rows: list[tuple[object, ...]]
) -> None:
    del rows
    sent = {
        **headers,
        "X-Ws-Source-Ip": "192.0.2.1",
        "x_ws_source_ip": "192.0.2.66",
        "connectionid_": "x",
    }

    answer = await post(
        http_stack, "default", sent, b'{"handler": "chat_message", "message": "x"}'
    )

    assert answer == (200, "{}")


async def test_a_disconnect_can_come_before_its_connect_and_twice(
    http_stack: Stack, headers: dict[str, str]
) -> None:
    sent = {**headers, "Connectionid": "early=="}

    first = await post(http_stack, "disconnect", sent)
    late = await post(http_stack, "connect", sent)
    again = await post(http_stack, "disconnect", sent)

    assert (first, late, again) == (
        (200, "{}"),
        (400, "Invalid connection ID"),
        (200, "{}"),
    )


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize(
    "route",
    ["connect", "default", "disconnect", "", "connect/", "a.b", "a/b", "default%2Fx"],
)
async def test_in_lambda_mode_no_http_request_reaches_the_sockets(
    lambda_stack: Stack, method: str, route: str
) -> None:
    sent = {
        "Connectionid": OPEN,
        "X-Ws-Gateway-Secret": "",
        "X-Ws-Api-Id": lambda_stack.environment()["WEBSOCKET_API_ID"],
        "Gateway.Trusted": "True",
    }

    assert await post(lambda_stack, route, sent, method=method) == (
        403,
        "Invalid request",
    )


@pytest.mark.parametrize(
    "body", [each[1] for each in BODIES], ids=[each[0] for each in BODIES]
)
async def test_a_bad_message_on_a_socket_is_answered_with_an_error_frame(
    stack: Stack, body: bytes
) -> None:
    async with connected(stack, "bad-messages") as socket:
        text = body.decode("utf-8", "replace")
        await socket.send(
            [text[at : at + 32_000] for at in range(0, len(text), 32_000)] or ""
        )
        if len(text) > 131_072:
            await asyncio.wait_for(socket.wait_closed(), 5)
            assert socket.close_code == 1009
            return
        frame = await received(socket)
        await socket.send(json.dumps({"handler": "ping"}))
        assert await received(socket) == {"type": "pong"}

    assert frame["type"] == "error"
    assert frame["message"] == "Invalid request format (1)"


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("channel=", "Invalid channel"),
        ("channel=two+words", "Invalid channel"),
        ("channel=admin%0A", "Invalid channel"),
        ("channel=" + "x" * 129, "Invalid channel"),
    ],
)
async def test_a_client_that_asks_for_no_channel_is_refused(
    stack: Stack, query: str, text: str
) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(
            f"{stack.socket}?{query}", origin=websockets.Origin(stack.site)
        )

    assert refused.value.response.status_code == 400
    assert bytes(refused.value.response.body or b"").decode() == text


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost", "file://", "http://localhost.evil.example:8000"])  # fmt: skip
async def test_a_page_of_another_site_is_refused(stack: Stack, origin: str) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(stack.lobby(), origin=websockets.Origin(origin))

    assert refused.value.response.status_code == 400
    assert bytes(refused.value.response.body or b"") == b"Host is not in Origin"


async def test_headers_that_a_client_forges_change_nothing(stack: Stack) -> None:
    forged = {
        "Connectionid": OPEN,
        "X-Ws-Api-Id": "other",
        "X-Ws-Event-Type": "MESSAGE",
        "X-Ws-Gateway-Secret": "guess",
        "X_Ws_Api_Id": "other",
    }
    async with websockets.connect(
        stack.lobby("forged"),
        origin=websockets.Origin(stack.site),
        additional_headers=forged,
    ) as socket:
        await socket.send(json.dumps({"handler": "ping"}))
        assert await received(socket) == {"type": "pong"}

    assert stack.row("forged")["connection_id"] != OPEN


def refusals(stack: Stack) -> list[str]:
    return [line for line in stack.logged().splitlines() if line.startswith("WARNING")]
