"""A client's life on a WebSocket API, as captured from AWS."""

import asyncio
import base64
import json
import os
from contextlib import suppress
from pathlib import Path

import pytest
import websockets

from gateway_emulator.limits import SocketLifetime
from tests.emulator.conftest import Emulate, Running
from tests.emulator.templates import (
    ALL_ROUTES,
    ECHO,
    function,
    websocket_api,
    write_template,
)

# Answers by what the client asks for in its query string or message.
SCRIPTED = ECHO.replace(
    'return {"statusCode": 200, "body": "echo"}',
    """
    asked = event.get("queryStringParameters") or json.loads(event.get("body") or "{}")
    if "raise" in asked:
        raise ValueError(asked)
    if "exit" in asked:
        os._exit(1)
    if "malformed" in asked:
        return {"body": "no status"}
    headers = {"Sec-WebSocket-Protocol": asked["protocol"]} if "protocol" in asked else {}
    headers["Content-Type"] = "application/json"
    return {"statusCode": int(asked.get("status", 200)), "headers": headers, "body": '{"said": "no"}'}
""",
)


async def refusal(address: str) -> websockets.Response:
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(address)
    return refused.value.response


async def closing(socket: websockets.ClientConnection) -> tuple[int, str]:
    await asyncio.wait_for(socket.wait_closed(), 5)
    assert socket.close_code is not None
    return socket.close_code, socket.close_reason or ""


async def events_of(running: Running, count: int) -> list[dict[str, object]]:
    async with asyncio.timeout(5):
        while len(running.events()) < count:
            await asyncio.sleep(0.02)
    return running.events()


@pytest.fixture
async def running(tmp_path: Path, emulate: Emulate) -> Running:
    template = write_template(
        tmp_path, function(), websocket_api(*ALL_ROUTES), code=SCRIPTED
    )
    return await emulate(template)


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


async def test_events_have_the_captured_members(running: Running) -> None:
    address = f"{running.socket}?repeat=first&repeat=se%3Acond&plus=a+b"
    headers = {"Cookie": "a=1", "X-Forwarded-For": "203.0.113.9"}
    async with websockets.connect(
        address, origin="https://a.example", additional_headers=headers
    ) as socket:  # type: ignore[arg-type]
        await socket.send('{"action": "x"}')
        await events_of(running, 2)
        await socket.close(4001, "enough")

    connect, message, disconnect = await events_of(running, 3)
    host = running.socket.removeprefix("ws://").removesuffix("/dev")
    common = [
        "eventType", "extendedRequestId", "requestTime", "messageDirection", "stage",
        "connectedAt", "requestTimeEpoch", "identity", "requestId", "domainName",
        "connectionId", "apiId",
    ]  # fmt: skip
    context = connect["requestContext"]
    assert list(context) == ["routeKey", *common]  # type: ignore[call-overload]
    assert list(message["requestContext"]) == ["routeKey", "messageId", *common]  # type: ignore[call-overload]
    assert set(disconnect["requestContext"]) == {  # type: ignore[call-overload]
        "routeKey", "disconnectStatusCode", "disconnectReason", *common,
    }  # fmt: skip
    assert context["requestId"] == context["extendedRequestId"]  # type: ignore[index]
    assert context["domainName"] == host  # type: ignore[index]
    assert len(context["connectionId"]) == 20  # type: ignore[index]
    assert connect.keys() == {
        "headers", "multiValueHeaders", "queryStringParameters",
        "multiValueQueryStringParameters", "requestContext", "isBase64Encoded",
    }  # fmt: skip
    assert connect["queryStringParameters"] == {"repeat": "se:cond", "plus": "a b"}
    assert connect["multiValueQueryStringParameters"] == {
        "repeat": ["first", "se:cond"],
        "plus": ["a b"],
    }
    sent: dict[str, str] = connect["headers"]  # type: ignore[assignment]
    assert sent["X-Forwarded-For"] == "203.0.113.9, 127.0.0.1"
    assert sent["Origin"] == "https://a.example"
    assert sent["Sec-WebSocket-Version"] == "13"
    assert not {"connection", "upgrade"} & {name.lower() for name in sent}
    assert message.keys() == {"requestContext", "body", "isBase64Encoded"}
    assert message["body"] == '{"action": "x"}'
    assert disconnect["headers"] == {
        "Host": host,
        "x-api-key": "",
        "X-Forwarded-For": "",
        "x-restapi": "",
    }
    reason = disconnect["requestContext"]
    assert (reason["disconnectStatusCode"], reason["disconnectReason"]) == (
        4001,
        "enough",
    )  # type: ignore[index]


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


async def test_a_message_just_before_the_close_comes_before_it(
    running: Running,
) -> None:
    for count in range(10):
        async with websockets.connect(running.socket) as socket:
            await socket.send("{}")
        await events_of(running, 3 * count + 3)

    kinds = [event["requestContext"]["eventType"] for event in running.events()]
    assert kinds == ["CONNECT", "MESSAGE", "DISCONNECT"] * 10


async def test_a_client_that_floods_its_socket_leaves_room_for_others(
    running: Running,
) -> None:
    async with websockets.connect(running.socket) as flooding:
        for _ in range(1500):
            await flooding.send("{}")
        async with asyncio.timeout(2):
            async with websockets.connect(running.socket) as other:
                await other.send('{"malformed": 1}')
                await other.recv()
        await events_of(running, 1500)


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


async def test_invalid_utf_8_closes_the_socket_and_is_not_logged(
    running: Running, capfd: pytest.CaptureFixture[str]
) -> None:
    async with websockets.connect(running.socket) as socket:
        await socket.send(b"\xffsecret", text=True)
        assert (await closing(socket))[0] == 1007

    await events_of(running, 2)
    assert "secret" not in capfd.readouterr().err


async def test_a_status_that_is_none_is_malformed(
    tmp_path: Path, emulate: Emulate
) -> None:
    code = 'def handler(event, context):\n    return {"statusCode": 700}\n'
    running = await emulate(
        write_template(tmp_path, function(), websocket_api("$connect"), code=code)
    )

    assert (await refusal(running.socket)).status_code == 500


async def test_a_failing_function_answers_a_message_with_an_error_frame(
    running: Running,
) -> None:
    async with websockets.connect(running.socket) as socket:
        await socket.send('{"raise": 1}')
        frame = await asyncio.wait_for(socket.recv(), 5)

    (_, message, *_) = await events_of(running, 2)
    context = message["requestContext"]
    assert frame == (
        '{"message": "Internal server error", '
        f'"connectionId":"{context["connectionId"]}", "requestId":"{context["requestId"]}"}}'  # type: ignore[index]
    )


async def test_only_a_two_way_route_answers(tmp_path: Path, emulate: Emulate) -> None:
    template = write_template(
        tmp_path,
        function(),
        websocket_api("ask", "tell", two_way=("ask",)),
        code=SCRIPTED,
    )
    running = await emulate(template)

    async with websockets.connect(running.socket) as socket:
        await socket.send('{"action": "tell"}')
        await events_of(running, 1)
        await socket.send('{"action": "ask", "status": 503}')
        assert await asyncio.wait_for(socket.recv(), 5) == '{"said": "no"}'
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.recv(), 0.2)


async def test_without_a_matching_route_the_client_is_told_forbidden(
    tmp_path: Path, emulate: Emulate
) -> None:
    running = await emulate(
        write_template(tmp_path, function(), websocket_api("known"))
    )

    async with websockets.connect(running.socket) as socket:
        for body in (
            "no json",
            '{"action": "unknown"}',
            '{"action": "$connect"}',
            "[1]",
            '{"action": null}',
        ):
            await socket.send(body)
            frame = await asyncio.wait_for(socket.recv(), 5)
            assert str(frame).startswith('{"message": "Forbidden", "connectionId":"')
        await socket.send('{"action": "known"}')
        await events_of(running, 1)


@pytest.mark.parametrize(
    ("expression", "body", "route"),
    [
        ("$request.body.action", '{"action": "join"}', "join"),
        ("$request.body.action", '{"action": "Join"}', "$default"),
        ("$request.body.action", '{"action": "$default"}', "$default"),
        ("$request.body.action", '{"action": "$disconnect"}', "$default"),
        ("$request.body.action", '{"action": 7}', "7"),
        ("$request.body.a.b", '{"a": {"b": "join"}}', "join"),
        ("${request.body.a}/${request.body.b}", '{"a": "x", "b": "y"}', "x/y"),
        ("\\$default", '{"action": "join"}', "$default"),
        ("$request.body.action", "[" * 5000, "$default"),
    ],
)
async def test_the_selection_expression_chooses_the_route(
    tmp_path: Path, emulate: Emulate, expression: str, body: str, route: str
) -> None:
    api = websocket_api("$default", "join", "7", expression=expression)
    api["SlashRoute"] = json.loads(
        json.dumps(api["JoinRoute"]).replace('"join"', '"x/y"')
    )
    running = await emulate(write_template(tmp_path, function(), api))

    async with websockets.connect(running.socket) as socket:
        await socket.send(body)
        (event,) = await events_of(running, 1)

    assert event["requestContext"]["routeKey"] == route  # type: ignore[index]


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
    running = await emulate(template, lifetime=SocketLifetime(idle=0.4))

    async with websockets.connect(running.socket) as socket:
        for _ in range(3):
            await asyncio.sleep(0.25)
            await socket.send("still here")
        assert await closing(socket) == (1001, "Going away")


async def test_no_socket_lives_longer_than_its_duration(
    tmp_path: Path, emulate: Emulate
) -> None:
    template = write_template(tmp_path, function(), websocket_api(*ALL_ROUTES))
    running = await emulate(template, lifetime=SocketLifetime(duration=0.3))

    async with websockets.connect(running.socket) as socket:
        assert await closing(socket) == (1001, "Going away")


async def test_a_ping_is_answered(running: Running) -> None:
    async with websockets.connect(running.socket) as socket:
        answered = await socket.ping()
        await asyncio.wait_for(answered, 5)


async def test_dropped_disconnects_are_not_delivered(
    tmp_path: Path, emulate: Emulate
) -> None:
    template = write_template(tmp_path, function(), websocket_api(*ALL_ROUTES))
    running = await emulate(template, drop_disconnect=True)

    async with websockets.connect(running.socket):
        pass
    async with websockets.connect(running.socket):
        pass

    await events_of(running, 2)
    assert {event["requestContext"]["eventType"] for event in running.events()} == {
        "CONNECT"
    }


async def test_messages_of_one_client_are_handled_beside_each_other(
    tmp_path: Path, emulate: Emulate
) -> None:
    code = ECHO.replace(
        "    with open", "    import time; time.sleep(0.4)\n    with open"
    )
    template = write_template(
        tmp_path, function(), websocket_api("$default"), code=code
    )
    running = await emulate(template)

    async with websockets.connect(running.socket) as socket:
        began = asyncio.get_running_loop().time()
        for _ in range(4):
            await socket.send("x")
        await events_of(running, 4)

    # Three workers are started while the first is busy; one after the other takes 1.6 s.
    assert asyncio.get_running_loop().time() - began < 1.5


async def test_stage_variables_are_part_of_the_event(
    tmp_path: Path, emulate: Emulate
) -> None:
    api = websocket_api("$connect", stage={"StageVariables": {"color": "blue"}})
    running = await emulate(write_template(tmp_path, function(), api))

    async with websockets.connect(running.socket):
        (event,) = await events_of(running, 1)

    assert event["stageVariables"] == {"color": "blue"}


async def test_a_changed_template_holds_for_open_sockets(
    tmp_path: Path, emulate: Emulate, capfd: pytest.CaptureFixture[str]
) -> None:
    running = await emulate(
        write_template(tmp_path, function(), websocket_api("$default"))
    )

    async with websockets.connect(running.socket) as socket:
        await asyncio.sleep(0.3)  # until the folder is watched
        (tmp_path / "template.yaml").write_text("Resources: [")
        await said(capfd, "the template cannot be deployed")
        await socket.send('{"action": "new"}')
        await events_of(running, 1)
        write_template(tmp_path, function(), websocket_api("new"))
        await said(capfd, "the template has changed and is deployed")
        await socket.send('{"action": "new"}')
        _, event = await events_of(running, 2)

    assert event["requestContext"]["routeKey"] == "new"  # type: ignore[index]


async def said(capfd: pytest.CaptureFixture[str], sentence: str) -> None:
    async with asyncio.timeout(5):
        while sentence not in capfd.readouterr().err:
            await asyncio.sleep(0.02)


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


def test_ids_have_the_form_that_aws_gives() -> None:
    from gateway_emulator.identifiers import (
        WELL_FORMED_CONNECTION_ID,
        new_connection_id,
        new_message_id,
    )

    connection_id = new_connection_id()

    assert len(base64.urlsafe_b64decode(connection_id)) == 13
    assert connection_id.endswith("==")
    assert new_message_id(connection_id)[10:] == connection_id[10:]
    for captured in ("gbgBRs9dGQAYKEh7VA==", "L0SM9cOFvHcCIhw=", "eHrdFcnvvHcCE-w="):
        assert WELL_FORMED_CONNECTION_ID.fullmatch(captured)
    assert os.path.sep not in connection_id
