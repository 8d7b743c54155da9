"""Any number of processes serve a socket: what one has written, the other knows."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from django.db import connection

from django_aws_api_gateway_websockets.models import WebSocketSession
from tests.gateway import ALICE, session
from tests.handlers.events import websocket_event
from tests.handlers.limited_urls import LIMIT

pytestmark = pytest.mark.django_db(transaction=True)

PING = '{"handler": "ping"}'


class Process:
    def __init__(self, process):
        self.process = process

    def answer(self, event):
        self.process.stdin.write(json.dumps(event) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def connect(self, connection_id=ALICE):
        origin = {"Origin": ["https://site.example"]}
        return self.status("CONNECT", connection_id, headers=origin)

    def message(self, connection_id=ALICE):
        return self.status("MESSAGE", connection_id, body=PING)

    def disconnect(self, connection_id=ALICE):
        return self.status("DISCONNECT", connection_id)

    def status(self, event_type, connection_id, **event):
        event = websocket_event(event_type, connection_id=connection_id, **event)
        return self.answer(event)["statusCode"]


def database_url():
    """The database of this test."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


@pytest.fixture
def processes():
    path = os.pathsep.join([".", "django_app"])
    environment = {**os.environ, "DATABASE_URL": database_url(), "PYTHONPATH": path}
    command = [sys.executable, "-m", "tests.handlers.one_process"]
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(
                    command,
                    env=environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                )
            )
            for _ in range(2)
        ]
        yield [Process(process) for process in started]


def test_one_socket_is_served_by_two(processes):
    first, second = processes

    assert first.connect() == 200
    assert second.connect() == 400
    assert [second.message(), first.message(), second.message()] == [200] * 3
    assert session().request_count == 3
    assert first.disconnect() == 200
    assert second.message() == 400
    assert second.disconnect() == 200
    assert session().closed_reason == "disconnect"


def test_a_session_closed_here_is_closed_there(processes, transport):
    first, second = processes
    first.connect()
    second.message()

    session().disconnect()

    assert [first.message(), second.message()] == [400, 400]
    assert transport.hung_up == [ALICE]


def test_a_limit_holds_for_both_together(processes):
    def connect(number_of_process):
        process = processes[number_of_process]
        return [process.connect(f"{number_of_process}-{n}") for n in range(LIMIT)]

    with ThreadPoolExecutor(2) as threads:
        statuses = [
            status for each in threads.map(connect, range(2)) for status in each
        ]

    assert statuses.count(200) == LIMIT
    assert statuses.count(400) == LIMIT
    assert WebSocketSession.objects.count() == LIMIT
