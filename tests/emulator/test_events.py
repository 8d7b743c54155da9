"""The events of a WebSocket API, as captured from AWS."""

import base64
import os
from pathlib import Path

import websockets

from tests.emulator.conftest import Emulate, Running
from tests.emulator.sockets import events_of
from tests.emulator.templates import ALL_ROUTES, function, websocket_api, write_template


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


async def test_stage_variables_are_part_of_the_event(
    tmp_path: Path, emulate: Emulate
) -> None:
    api = websocket_api("$connect", stage={"StageVariables": {"color": "blue"}})
    running = await emulate(write_template(tmp_path, function(), api))

    async with websockets.connect(running.socket):
        (event,) = await events_of(running, 1)

    assert event["stageVariables"] == {"color": "blue"}


async def test_a_message_just_before_the_close_comes_before_it(
    running: Running,
) -> None:
    for count in range(10):
        async with websockets.connect(running.socket) as socket:
            await socket.send("{}")
        await events_of(running, 3 * count + 3)

    kinds = [event["requestContext"]["eventType"] for event in running.events()]
    assert kinds == ["CONNECT", "MESSAGE", "DISCONNECT"] * 10


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
