"""The README's examples run as they are printed."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sybil import Document
from sybil.parsers.markdown import CodeBlockParser
from websockets.sync.client import connect

from tests.end_to_end.stack import ROOT, Stack
from tests.gateway import ALICE, BOB, Gateway

README = ROOT / "README.md"


def examples(language: str) -> list[str]:
    """Return the README's fenced blocks of a language."""
    parser = CodeBlockParser(language, evaluator=lambda _example: None)
    document = Document.parse(str(README), parser)
    return [str(example.parsed) for example in document.examples()]


@pytest.mark.django_db(transaction=True)
def test_the_handler_example_answers_as_the_readme_says(
    settings: Any, transport: Any
) -> None:
    settings.ROOT_URLCONF = tuple(printed_names()["urlpatterns"])
    gateway = connected_gateway()

    answer = gateway.message({"handler": "say", "id": 1, "text": "hello"})

    assert answer.status_code == 200
    said = {"type": "said", "text": "hello"}
    reply = {"type": "reply", "id": 1, "data": {"heard_by": 2}}
    assert transport.messages_to(ALICE) == [said, reply]
    assert transport.messages_to(BOB) == [said]


@pytest.mark.django_db(transaction=True)
def test_the_form_looks_at_a_message_first(serve: Any, transport: Any) -> None:
    serve(printed_names()["PoliteRoomView"])
    gateway = connected_gateway()

    gateway.message({"handler": "say", "id": 2, "text": " "})
    gateway.message({"handler": "say", "id": 3, "text": "hello"})

    refused, reply = transport.messages_to(ALICE)
    printed = re.findall(r'`(\{"type": "error".*?)`', README.read_text(), re.DOTALL)
    assert [json.loads(each) for each in printed] == [refused]
    assert reply["data"] == {"length": 5}


def printed_names() -> dict[str, Any]:
    """Run what is printed of the view, its URL and its form."""
    view, urls, form, _ = examples("python")
    names: dict[str, Any] = {"__name__": "readme"}
    exec(view + urls + form, names)
    return names


def connected_gateway() -> Gateway:
    gateway = Gateway()
    for connection_id in (ALICE, BOB):
        assert gateway.connect(connection_id).status_code == 200
    return gateway


def test_the_chat_example_runs_beside_the_demo(
    http_stack: Stack, tmp_path: Path
) -> None:
    *_, chat = examples("python")
    script = tmp_path / "chat.py"
    script.write_text(
        chat.replace("ws://127.0.0.1:8001/production", http_stack.socket).replace(
            "http://localhost:8000", http_stack.site
        )
    )

    ended = subprocess.run(
        [sys.executable, script],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert (ended.stdout, ended.stderr) == ("hello\nhello\n", "")


def test_the_printed_log_lines_look_like_those_that_are_written(
    http_stack: Stack,
) -> None:
    with connect(http_stack.lobby()) as socket:
        socket.send('{"handler": "ping"}')
        socket.recv(timeout=10)
        # Of the first message the line is written, once the second one is answered.
        socket.send('{"handler": "ping"}')
        socket.recv(timeout=10)
    printed = examples("text")[0].splitlines()
    written = http_stack.logged().splitlines()
    of_the_gateway = re.compile(
        r"\d\d:\d\d:\d\d  \S+( @connections)? +\d{3} +\d+ ms(  (warm|cold))? +[\w=-]{20}"
    )
    of_django = re.compile(r"INFO \S+\.views handled 200 connection=[\w=-]{20} .+")

    assert all(of_the_gateway.match(each) or of_django.match(each) for each in printed)
    for line in (of_the_gateway, of_django):
        assert any(line.match(each) for each in printed)
        assert any(line.match(each) for each in written)
