"""Invoke functions once, by the command line's own entry."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway_emulator.command_line import main


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
