"""docs/howto/management-commands.md: its commands are typed, and its app is run."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from importlib import import_module
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from websockets.sync.client import connect

from django_aws_api_gateway_websockets.management.commands import send_message
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from lambda_handlers.manage import command_in
from tests.app.logins import user_named
from tests.docs.pages import ROOT, blocks, table
from tests.docs.printed_apps import printed_app
from tests.end_to_end.stack import Stack, running_stack

PAGE = "docs/howto/management-commands.md"
COMMANDS = [block.text for block in blocks(PAGE) if block.language == "sh"]


def typed(stack: Stack, command: str) -> "subprocess.CompletedProcess[str]":
    """Type it into a terminal beside the stack's."""
    site, socket = urlsplit(stack.site), urlsplit(stack.socket)
    variables = (
        f"PORT={site.port} WEBSOCKET_PORT={socket.port} "
        f"DATABASE_URL=sqlite:///{stack.database}"
    )
    return subprocess.run(
        command,
        shell=True,
        cwd=ROOT,
        env={**os.environ, "MAKEFLAGS": variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.mark.parametrize("number", [0, 1])
def test_what_is_typed_arrives(stack: Stack, number: int) -> None:
    with connect(stack.lobby(), open_timeout=20) as client:
        ended = typed(stack, COMMANDS[number])

        assert ended.returncode == 0, ended.stderr
        message = json.loads(client.recv(timeout=10))

    assert message["type"] == ("chat_message", "notice")[number]
    assert "sent                   1\n" in ended.stdout
    assert "1 of 1" in ended.stderr


@pytest.mark.django_db(transaction=True)
def test_the_deployed_command_is_one(make_session, transport):
    make_session("alice=")
    payload = re.search(r"--event '(.*)'", COMMANDS[2], re.DOTALL)[1]
    command = command_in(json.loads(payload))

    call_command(command.name, *command.arguments, stdout=StringIO(), stderr=StringIO())

    assert transport.messages_to("alice=") == [{"type": "notice"}]


def test_the_outcomes_are_those_that_there_are():
    assert [row[0] for row in table(PAGE, "outcome")] == [
        each.value for each in Outcome
    ]

    [printed] = [block.text for block in blocks(PAGE) if block.language == "text"]
    output = StringIO()
    command = send_message.Command(stdout=output)
    counts = dict(re.findall(r"^(\w+) +([\d,]+)$", printed, re.MULTILINE))
    command.print_counts({name: int(n.replace(",", "")) for name, n in counts.items()})
    assert list(counts) == [each.value for each in Outcome]
    assert printed.startswith(output.getvalue())


@pytest.fixture
def remind(make_session, tmp_path: Path, monkeypatch):
    """Alice is staff and has two windows, Bob is a customer who has one."""
    alice, bob = user_named("alice"), user_named("bob")
    alice.is_staff = True
    alice.save()
    make_session("alice=", user=alice)
    make_session("window=", user=alice)
    make_session("bob=", user=bob)
    with printed_app(PAGE, "billing", tmp_path, monkeypatch):
        yield import_module("billing.management.commands.remind").Command()


@pytest.mark.django_db(transaction=True)
class TestYourOwnCommand:
    def test_reminds_whom_it_means(self, remind, transport):
        output = StringIO()

        call_command(remind, stdout=output)

        reminder = {"type": "reminder", "name": "alice"}
        assert transport.messages_to("alice=") == [reminder]
        assert transport.messages_to("window=") == [reminder]
        assert transport.messages_to("bob=") == []
        assert output.getvalue().startswith("alice: 2 sent, ")

    def test_says_who_is_left(self, remind, transport):
        transport.answer("window=", Outcome.FAILED)

        with pytest.raises(CommandError, match="1 windows may be there"):
            call_command(remind, stdout=StringIO())
