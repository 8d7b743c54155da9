"""Which function is invoked with which event, and what is said where that cannot be."""

import socket
from pathlib import Path

import pytest

from tests.emulator.commands import run
from tests.emulator.conftest import Invoke
from tests.emulator.templates import function, http_api, websocket_api, write_template

CODE = """
def handler(event, context):
    return {"event": event}
"""


def test_a_function_that_no_route_reaches_is_invoked(
    tmp_path: Path, invoke: Invoke
) -> None:
    lone = {"Lone": function(Handler="app.handler")["Function"]}
    template = write_template(tmp_path, function(), http_api(), lone, code=CODE)

    assert invoke(template, function="Lone", event={"a": 1}).returned["event"] == {
        "a": 1
    }


def test_one_that_does_not_exist_here_is_one_sentence(
    tmp_path: Path, invoke: Invoke
) -> None:
    conditional = {"Red": {**function()["Function"], "Condition": "IsRed"}}
    inline = {"Inline": function(InlineCode="pass")["Function"]}
    template = write_template(
        tmp_path,
        function(),
        conditional,
        inline,
        Parameters={"Color": {"Type": "String", "Default": "blue"}},
        Conditions={"IsRed": {"Fn::Equals": [{"Ref": "Color"}, "red"]}},
    )

    unknown = invoke(template, function="Nothing")
    not_made = invoke(template, function="Red")
    not_run = invoke(template, function="Inline")

    assert (unknown.status, unknown.returned) == (1, None)
    assert unknown.log.endswith("no function 'Nothing' (it has: Function).\n")
    assert "Red: its Condition IsRed does not hold" in not_made.log
    assert "Inline: " in not_run.log


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (None, "event.json cannot be read (No such file or directory)."),
        (b"{\n  'a': 1}", "is not JSON (Expecting property name enclosed in double quotes, line 2 column 3)."),
        (b'{"a": "\xff"}', "is not UTF-8 text (at byte 7)."),
        (b"", "is not JSON (Expecting value, line 1 column 1)."),
        (b"[" * 100_000, "is not JSON ("),
        (b'"' + b"x" * (6 * 1024 * 1024) + b'"', "Request must be smaller than 6291456 bytes for the InvokeFunction operation"),
    ],
)  # fmt: skip
def test_an_event_that_cannot_be_sent_is_one_sentence(
    template: Path, invoke: Invoke, written: bytes | None, sentence: str
) -> None:
    event = template.parent / "event.json"
    if written is not None:
        event.write_bytes(written)

    invoked = invoke(template, "--event", event)

    assert (invoked.status, invoked.returned) == (1, None)
    assert invoked.log.startswith(f"gateway_emulator: --event: {event} ")
    assert sentence in invoked.log
    assert invoked.log.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--event", "x.json"], "--event needs --invoke"),
        (["--invoke", "F", "--in-process"], "--in-process and --invoke exclude"),
        (["--invoke", "F", "--print-environment", "F"], "--invoke exclude each other"),
        (["--python", "x", "--in-process"], "--in-process and --python exclude"),
    ],
)
def test_options_that_contradict_each_other_show_the_usage(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
) -> None:
    from gateway_emulator.command_line import main

    monkeypatch.setattr("sys.argv", ["x", "--template", "template.yaml", *arguments])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 2
    assert sentence in capfd.readouterr().err


def test_a_template_without_an_api_cannot_be_served(tmp_path: Path) -> None:
    ended = run(write_template(tmp_path, function()))

    assert ended.returncode == 1
    assert "no HTTP API and no WebSocket API; --invoke runs a function" in ended.stderr


def test_both_apis_ports_may_be_taken_meanwhile(tmp_path: Path, invoke: Invoke) -> None:
    template = write_template(
        tmp_path, function(), http_api(), websocket_api("$default"), code=CODE
    )

    with (
        socket.create_server(("127.0.0.1", 0)) as site,
        socket.create_server(("127.0.0.1", 0)) as sockets,
    ):
        http_port, websocket_port = (
            listener.getsockname()[1] for listener in (site, sockets)
        )
        ports = ("--http-port", http_port, "--websocket-port", websocket_port)

        assert invoke(template, *ports).status == 0


def test_both_apis_may_have_one_port_where_neither_is_served(
    tmp_path: Path, invoke: Invoke
) -> None:
    template = write_template(
        tmp_path, function(), http_api(), websocket_api("$default"), code=CODE
    )

    same = ("--http-port", 9000, "--websocket-port", 9000)

    assert invoke(template, *same).status == 0
