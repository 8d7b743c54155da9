"""A dead-letter queue is emptied though SQS refuses, repeats and overlooks messages."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.request import Request, urlopen

import pytest
from django.core.management import CommandError

from django_aws_api_gateway_websockets.messaging import broadcast_queue
from django_aws_api_gateway_websockets.messaging.shard_pointers import Pointer
from tests.large_broadcasts import environment, make_sessions, redrive, send, shards

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = {"WaitTimeSeconds": 0}


@pytest.fixture
def dead_letters(queues, transport):
    """Three shards that nobody has delivered."""
    make_sessions(25)
    send()
    queues.client.purge_queue(QueueUrl=queues.url)
    for shard in shards():
        queues.put(str(Pointer(shard.pk, "default")), url=queues.dead_letters)
    return queues


class Between(BaseHTTPRequestHandler):
    """Stands between a client and SQS, and answers as its server says."""

    def do_POST(self):
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        action = self.headers["X-Amz-Target"].rpartition(".")[2]
        status, answer = self.server.says(action, call, self.ask)
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def ask(self, call):
        headers = {**self.headers, "Content-Length": None}
        named = {name: value for name, value in headers.items() if value}
        asked = Request(self.server.behind, json.dumps(call).encode(), named)
        with urlopen(asked, timeout=10) as answer:
            return answer.status, json.loads(answer.read() or "{}")

    def log_message(self, *args):
        """Nothing."""


@pytest.fixture
def between(sqs_client):
    @contextmanager
    def between(says):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Between)
        server.behind, server.says = sqs_client.meta.endpoint_url, says
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            with environment(f"http://127.0.0.1:{server.server_port}"):
                yield
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    return between


def test_a_queue_that_takes_nothing_loses_nothing(dead_letters, between, monkeypatch):
    monkeypatch.setattr(broadcast_queue, "WAIT_FOR_MESSAGES", 0)

    def takes_nothing(action, call, ask):
        return (503, {}) if action == "SendMessageBatch" else ask(call)

    with between(takes_nothing), pytest.raises(CommandError, match="takes no more"):
        redrive()

    assert dead_letters.waiting(dead_letters.dead_letters) == 3
    assert "from the dead-letter queue: 3" in redrive()


def test_messages_that_only_some_of_the_servers_have_are_found(dead_letters, between):
    """Who waits for none is answered by some of them alone."""

    def asks_few(action, call, ask):
        if action != "ReceiveMessage":
            return ask(call)
        waits = call.get("WaitTimeSeconds", 0) >= 1
        return ask({**call, **AT_ONCE}) if waits else (200, {})

    with between(asks_few):
        assert "from the dead-letter queue: 3" in redrive()


def test_messages_that_come_again_do_not_hide_those_behind(dead_letters, between):
    """Ten come at once, and each of them is counted once."""
    for n in range(10):
        dead_letters.put(f"order {n}", url=dead_letters.dead_letters)
    answers = []

    def repeats_the_first_twice(action, call, ask):
        if action != "ReceiveMessage":
            return ask(call)
        is_repeated = len(answers) in (1, 2)
        answers.append(answers[0] if is_repeated else ask({**call, **AT_ONCE}))
        return answers[-1]

    with between(repeats_the_first_twice):
        assert redrive()[0::4] == [
            "from the dead-letter queue: 3",
            "left there, as no shards: 10",
        ]
