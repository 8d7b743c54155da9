import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway_emulator.command_line import main
from gateway_emulator.emulator import Emulator
from gateway_emulator.options import EmulatorOptions
from gateway_emulator.template import DeploymentOptions
from tests.emulator.templates import (
    ALL_ROUTES,
    SCRIPTED,
    function,
    http_api,
    websocket_api,
    write_template,
)
from tests.ports import free_port


@dataclass
class Running:
    """An emulator that answers, and the events that its function has written down."""

    emulator: Emulator
    site: str
    socket: str
    events_file: Path

    @property
    def management(self) -> str:
        return self.socket.replace("ws://", "http://")

    def events(self) -> list[dict[str, Any]]:
        if not self.events_file.exists():
            return []
        # What follows the last line break is still being written.
        lines = self.events_file.read_text().split("\n")[:-1]
        return [json.loads(line) for line in lines]


Emulate = Callable[..., Awaitable[Running]]


@pytest.fixture
async def emulate(tmp_path: Path) -> AsyncIterator[Emulate]:
    """Run templates until the test's end."""
    async with AsyncExitStack() as running:

        async def start(
            template: Path,
            environment: dict[str, str] | None = None,
            stage: str = "dev",
            **options: Any,
        ) -> Running:
            http_port, websocket_port = free_port(), free_port()
            events_file = tmp_path / "events.jsonl"
            deployment = DeploymentOptions(
                template,
                environment={"EVENTS": str(events_file), **(environment or {})},
                site_address=f"localhost:{http_port}",
                socket_address=f"127.0.0.1:{websocket_port}",
            )
            emulator = Emulator(
                EmulatorOptions(
                    deployment,
                    http_port=http_port,
                    websocket_port=websocket_port,
                    **options,
                )
            )
            await running.enter_async_context(emulator.running())
            site = f"http://localhost:{http_port}"
            socket = f"ws://127.0.0.1:{websocket_port}/{stage}"
            return Running(emulator, site, socket, events_file)

        yield start


@dataclass
class Invoked:
    """What an invocation has printed: `returned` is stdout's line, `log` is stderr."""

    status: int
    returned: Any
    log: str

    @property
    def report(self) -> dict[str, str]:
        """Return the columns of the REPORT line, which is the last one."""
        last = self.log.splitlines()[-1]
        return dict(column.split(": ", 1) for column in last.split("\t"))


Invoke = Callable[..., Invoked]


@pytest.fixture
def invoke(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Invoke:
    """Run `--invoke Function`, with an event's value if there is one."""

    def invoke(
        template: Path,
        *arguments: object,
        event: Any = None,
        function: str = "Function",
    ) -> Invoked:
        command = ["--template", template, "--invoke", function, *arguments]
        if event is not None:
            file = template.parent / "event.json"
            file.write_text(json.dumps(event))
            command += ["--event", file]
        monkeypatch.setattr("sys.argv", ["gateway_emulator", *map(str, command)])
        status = main()
        out, err = capfd.readouterr()
        assert out.count("\n") <= 1
        return Invoked(status, json.loads(out) if out else None, err)

    return invoke


@pytest.fixture
async def running(tmp_path: Path, emulate: Emulate) -> Running:
    """A WebSocket API whose function answers as its client asks."""
    template = write_template(
        tmp_path, function(), websocket_api(*ALL_ROUTES), code=SCRIPTED
    )
    return await emulate(template)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """Both APIs, and a function that answers with its process id."""
    properties = {"Environment": {"Variables": {"COLOR": {"Ref": "Color"}}}}
    return write_template(
        tmp_path,
        function(**properties),
        http_api(),
        websocket_api(*ALL_ROUTES),
        code="import os\ndef handler(event, context):\n    return os.getpid()\n",
        Parameters={"Color": {"Type": "String", "Default": "blue"}},
    )
