"""Changed code and a changed template hold without a restart."""

import asyncio
from pathlib import Path

import pytest
import websockets

from tests.emulator.conftest import Emulate, Running
from tests.emulator.processes import PROCESS, get
from tests.emulator.sockets import events_of
from tests.emulator.templates import function, http_api, websocket_api, write_template


async def test_changed_code_answers_without_a_restart(
    tmp_path: Path, emulate: Emulate
) -> None:
    template = write_template(tmp_path, function(), http_api(), code=PROCESS)
    running = await emulate(template)
    await get(running)

    (tmp_path / "code" / "app.py").write_text(
        'def handler(event, context):\n    return "new"\n'
    )

    async with asyncio.timeout(5):
        while (await get(running))[1] != "new":
            await asyncio.sleep(0.05)


async def test_a_busy_worker_finishes_with_the_code_it_began_with(
    tmp_path: Path, emulate: Emulate
) -> None:
    template = write_template(tmp_path, function(Timeout=10), http_api(), code=PROCESS)
    running = await emulate(template)
    await get(running)

    busy = asyncio.create_task(get(running, "sleep=1"))
    await asyncio.sleep(0.2)
    (tmp_path / "code" / "app.py").write_text(
        'def handler(event, context):\n    return "new"\n'
    )
    _, old = await busy

    assert old["calls"] == 2


async def test_a_folder_made_later_is_watched_as_well(
    tmp_path: Path, emulate: Emulate
) -> None:
    code = "import shop\ndef handler(event, context):\n    return shop.NAME\n"
    template = write_template(tmp_path, function(), http_api(), code="")
    running = await emulate(template)
    shop = tmp_path / "code" / "shop"
    shop.mkdir()
    (shop / "__init__.py").write_text('NAME = "one"')
    (tmp_path / "code" / "app.py").write_text(code)

    await answers_with(running, "one")
    (shop / "__init__.py").write_text('NAME = "another"')
    await answers_with(running, "another")


async def answers_with(running: Running, text: str) -> None:
    async with asyncio.timeout(5):
        while (await get(running))[1] != text:
            await asyncio.sleep(0.05)


async def test_templates_that_change_under_load_leave_no_worker_behind(
    tmp_path: Path, emulate: Emulate, capfd: pytest.CaptureFixture[str]
) -> None:
    def template(color: int) -> Path:
        properties = {
            "Environment": {"Variables": {"COLOR": str(color)}},
            "Timeout": 10,
        }
        return write_template(
            tmp_path, function(**properties), http_api(), code=PROCESS
        )

    running = await emulate(template(0))
    busy = []
    for color in range(1, 4):
        busy += [asyncio.create_task(get(running, "sleep=0.5")) for _ in range(4)]
        await asyncio.sleep(0.1)
        template(color)
        await asyncio.sleep(0.6)
    answers = await asyncio.gather(*busy)

    assert [status for status, _ in answers] == [200] * len(busy)
    assert (await get(running))[1]["environment"]["COLOR"] == "3"
    await asyncio.sleep(0.2)
    assert len(running.emulator.workers.running) <= 4
    assert "is deployed" in capfd.readouterr().err


async def test_a_changed_template_holds_for_open_sockets(
    tmp_path: Path, emulate: Emulate, capfd: pytest.CaptureFixture[str]
) -> None:
    running = await emulate(
        write_template(tmp_path, function(), websocket_api("$default"))
    )

    async with websockets.connect(running.socket) as socket:
        (tmp_path / "template.yaml").write_text("Resources: [")
        await said(capfd, "the template cannot be deployed")
        await socket.send('{"action": "new"}')
        await events_of(running, 1)
        write_template(tmp_path, function(), websocket_api("new"))
        await said(capfd, "the template has changed and is deployed")
        await socket.send('{"action": "new"}')
        _, event = await events_of(running, 2)

    assert event["requestContext"]["routeKey"] == "new"  # type: ignore[index]


async def test_a_template_without_functions_starts_none_anew(
    tmp_path: Path, emulate: Emulate, capfd: pytest.CaptureFixture[str]
) -> None:
    integration = {
        "IntegrationType": "HTTP_PROXY",
        "IntegrationUri": "http://127.0.0.1:1/ws",
    }
    api = websocket_api("$default", integration=integration)
    template = write_template(tmp_path, api)
    await emulate(template)

    (tmp_path / "views.py").write_text("")
    await asyncio.sleep(0.5)
    template.write_text(template.read_text() + "\n")
    printed = ""
    async with asyncio.timeout(5):
        while "the template has changed" not in printed:
            await asyncio.sleep(0.02)
            printed += capfd.readouterr().err

    assert "views.py" not in printed


async def said(capfd: pytest.CaptureFixture[str], sentence: str) -> None:
    async with asyncio.timeout(5):
        while sentence not in capfd.readouterr().err:
            await asyncio.sleep(0.02)
