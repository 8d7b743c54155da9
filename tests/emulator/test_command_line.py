"""The command line, which other tools and people's habits rely on."""

import os
import re
import signal
import socket
import urllib.request
from pathlib import Path

import pytest

from tests.emulator.commands import run, started, worker_of
from tests.emulator.templates import (
    ALL_ROUTES,
    function,
    http_api,
    websocket_api,
    write_template,
)
from tests.ports import free_port


def test_the_addresses_are_printed_once_everything_answers(template: Path) -> None:
    http_port, websocket_port = free_port(), free_port()
    ports = ("--http-port", http_port, "--websocket-port", websocket_port)

    with started(template, *ports) as (_, (site, websocket)):
        assert site == f"Site: http://localhost:{http_port}"
        assert websocket == f"WebSocket: ws://127.0.0.1:{websocket_port}/dev"
        assert worker_of(site) > 0
        socket.create_connection(("127.0.0.1", websocket_port)).close()


def test_names_and_a_stage_appear_in_the_addresses(tmp_path: Path) -> None:
    api = http_api(stage="v1")
    template = write_template(tmp_path, function(), api, websocket_api(*ALL_ROUTES))
    http_port, websocket_port = free_port(), free_port()
    arguments = (
        "--http-port", http_port, "--websocket-port", websocket_port,
        "--site-name", "site.localhost", "--socket-name", "localhost",
    )  # fmt: skip

    with started(template, *arguments) as (_, addresses):
        assert addresses == [
            f"Site: http://site.localhost:{http_port}/v1",
            f"WebSocket: ws://localhost:{websocket_port}/dev",
        ]


def test_what_a_function_prints_is_no_address(tmp_path: Path) -> None:
    code = "def handler(event, context):\n    print('Site: http://elsewhere')\n"
    template = write_template(
        tmp_path, function(), http_api(), websocket_api(*ALL_ROUTES), code=code
    )
    ports = ("--http-port", free_port(), "--websocket-port", free_port())

    with started(template, *ports) as (process, (site, _)):
        with urllib.request.urlopen(site.removeprefix("Site: ")):
            process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=5)

    assert out == ""
    assert "elsewhere" in err
    assert (
        os.linesep.join(line for line in err.splitlines() if line.startswith("Site"))
        != site
    )


def test_the_environment_of_a_function_is_printed(template: Path) -> None:
    arguments = ("--parameter", "Color=red", "--env", "DATABASE_URL=sqlite:///a=b c")

    ended = run(template, "--print-environment", "Function", *arguments)

    lines = ended.stdout.splitlines()
    assert ended.returncode == 0
    assert "COLOR=red" in lines
    assert "DATABASE_URL=sqlite:///a=b c" in lines
    assert f"LAMBDA_TASK_ROOT={template.parent / 'code'}" in lines
    assert ended.stderr == ""


def test_the_id_of_the_websocket_api_may_be_given(tmp_path: Path) -> None:
    uri = "wss://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/dev"
    variables = {"API": {"Ref": "Api"}, "URL": {"Fn::Sub": uri}}
    template = write_template(
        tmp_path,
        function(Environment={"Variables": {**variables, "SITE": {"Ref": "HttpApi"}}}),
        http_api(),
        websocket_api(*ALL_ROUTES),
    )
    arguments = ("--websocket-api-id", "laptop", "--websocket-port", 8123)

    ended = run(template, "--print-environment", "Function", *arguments)

    lines = ended.stdout.splitlines()
    assert "API=laptop" in lines
    assert "URL=ws://127.0.0.1:8123/dev" in lines
    assert "SITE=laptop" not in lines


def test_a_taken_port_is_one_sentence(template: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        for option in ("--http-port", "--websocket-port"):
            ended = run(template, option, port, *rest_of(option))

            assert ended.returncode == 1
            assert ended.stdout == ""
            assert re.fullmatch(
                rf"gateway_emulator: Port {port} on 127\.0\.0\.1 cannot be used .*{option} .*\.\n",
                ended.stderr,
            )


def rest_of(option: str) -> tuple[object, ...]:
    return (
        ("--websocket-port", free_port())
        if option == "--http-port"
        else ("--http-port", free_port())
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--print-environment", "Nothing"], "The template has no function 'Nothing' (it has: Function)."),
        (["--parameter", "Colour=red"], "Colour: the template has no such parameter (it has: Color)."),
        (["--built"], ".aws-sam/build/template.yaml does not exist: run `make build` or `sam build` first."),
        (["--http-port", "9000", "--websocket-port", "9000"], "Port 9000 cannot serve both APIs"),
        (["--env", "A=1\n2", "--print-environment", "Function"], "A has more than one line"),
        (["--bind", "203.0.113.1"], "203.0.113.1 cannot be listened on"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_sentence(
    template: Path, arguments: list[str], sentence: str
) -> None:
    ended = run(template, *arguments)

    assert ended.returncode == 1
    assert sentence in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_state_that_cannot_be_kept_is_one_sentence(template: Path) -> None:
    (template.parent / ".gateway-emulator").write_text("a file")

    ended = run(template, "--print-environment", "Function")

    assert ended.returncode == 1
    assert "state.json cannot be written" in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--parameter", "Color"],
        ["--env", "=x"],
        ["--http", "1"],
        ["--http-port", "many"],
        ["--http-port", "70000"],
        ["--http-port", "0"],
        ["--websocket-port", "-1"],
        ["--bind", ""],
        ["--websocket-api-id", "My-API"],
        ["--websocket-api-id", ""],
    ],
)
def test_malformed_options_show_the_usage(template: Path, arguments: list[str]) -> None:
    ended = run(template, *arguments)

    assert ended.returncode == 2
    assert ended.stderr.startswith("usage: python -m gateway_emulator")
