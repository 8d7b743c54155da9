"""The README's examples run as they are printed."""

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
    view, urls, _ = examples("python")
    names: dict[str, Any] = {}
    exec(view + urls, names)
    settings.ROOT_URLCONF = tuple(names["urlpatterns"])
    gateway = Gateway()
    for connection_id in (ALICE, BOB):
        assert gateway.connect(connection_id).status_code == 200

    answer = gateway.message({"handler": "say", "id": 1, "text": "hello"})

    assert answer.status_code == 200
    said = {"type": "said", "text": "hello"}
    reply = {"type": "reply", "id": 1, "data": {"heard_by": 2}}
    assert transport.messages_to(ALICE) == [said, reply]
    assert transport.messages_to(BOB) == [said]


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


def test_a_printed_log_line_looks_like_the_emulators(http_stack: Stack) -> None:
    with connect(http_stack.lobby()):
        pass
    printed = examples("text")[0].splitlines()
    line = re.compile(
        r"\d\d:\d\d:\d\d  \S+( @connections)? +\d{3} +\d+ ms(  (warm|cold))? +[\w=-]{20}"
    )

    assert all(line.fullmatch(each) for each in printed)
    written = [each for each in http_stack.logged().splitlines() if "$connect" in each]
    assert written
    assert all(line.match(each) for each in written)
