"""Which route a message takes, and what its client gets back."""

import asyncio
import json
from pathlib import Path

import pytest
import websockets

from tests.emulator.conftest import Emulate, Running
from tests.emulator.sockets import events_of
from tests.emulator.templates import (
    ALL_ROUTES,
    ECHO,
    SCRIPTED,
    function,
    websocket_api,
    write_template,
)


@pytest.mark.parametrize(
    ("expression", "body", "route"),
    [
        ("$request.body.action", '{"action": "join"}', "join"),
        ("$request.body.action", '{"action": "Join"}', "$default"),
        ("$request.body.action", '{"action": "$default"}', "$default"),
        ("$request.body.action", '{"action": "$connect"}', "$default"),
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
    api = websocket_api(*ALL_ROUTES, "join", "7", expression=expression)
    api["SlashRoute"] = json.loads(
        json.dumps(api["JoinRoute"]).replace('"join"', '"x/y"')
    )
    running = await emulate(write_template(tmp_path, function(), api))

    async with websockets.connect(running.socket) as socket:
        await socket.send(body)
        _, event = await events_of(running, 2)

    assert event["requestContext"]["routeKey"] == route  # type: ignore[index]


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


async def test_a_client_that_floods_its_socket_leaves_room_for_others(
    running: Running,
) -> None:
    async with websockets.connect(running.socket) as flooding:
        for _ in range(1500):
            await flooding.send("{}")
        async with asyncio.timeout(20):
            async with websockets.connect(running.socket) as other:
                await other.send('{"malformed": 1}')
                await other.recv()
        assert len(running.events()) < 1500  # most of the flood is still to come
        await events_of(running, 1500, within=60)


async def test_a_ping_is_answered(running: Running) -> None:
    async with websockets.connect(running.socket) as socket:
        answered = await socket.ping()
        await asyncio.wait_for(answered, 5)
