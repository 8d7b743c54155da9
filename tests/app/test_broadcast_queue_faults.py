"""A queue that is away, or that refuses some of what it gets."""

import json
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.db import OperationalError, connection, transaction

from django_aws_api_gateway_websockets.exceptions import BroadcastNotQueued
from django_aws_api_gateway_websockets.models import DEFERRED, broadcast_shards
from tests.large_broadcasts import (
    environment,
    make_sessions,
    progress,
    send,
    sets,
    shards,
    use_queue,
)
from tests.ports import free_port

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("small_shards"),
]


class TestAQueueThatIsAway:
    def test_loses_nothing(self, settings, transport):
        make_sessions(25)
        address = f"http://127.0.0.1:{free_port()}"
        use_queue(settings, f"{address}/123456789012/broadcasts")

        with environment(address), pytest.raises(BroadcastNotQueued) as raised:
            send()

        assert (raised.value.queued, raised.value.recipients) == (0, 25)
        assert str(raised.value).startswith("0 of the 25 recipients of broadcast")
        assert "Could not connect" in str(raised.value)
        assert "redrive_broadcasts" in str(raised.value)
        assert progress().waiting == 25
        assert all(shard.queued_on is None for shard in shards())
        assert transport.posts == []

    def test_is_logged_after_a_commit(self, settings, caplog):
        make_sessions(25)
        address = f"http://127.0.0.1:{free_port()}"
        use_queue(settings, f"{address}/123456789012/broadcasts")

        with environment(address), transaction.atomic():
            assert send() is DEFERRED

        [record] = caplog.records
        assert (record.levelname, record.exc_info) == ("WARNING", None)
        assert "0 of the 25 recipients" in record.getMessage()

    def test_is_told_in_whole_sentences(self, settings):
        """What says it may end in a full stop of its own."""
        make_sessions(25)
        with running(KnowsNoQueue) as address:
            use_queue(settings, f"{address}/123456789012/broadcasts")
            with environment(address), pytest.raises(BroadcastNotQueued) as raised:
                send()

        assert "does not exist. The others are written" in str(raised.value)


class KnowsNoQueue(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.dumps(
            {
                "__type": "com.amazonaws.sqs#QueueDoesNotExist",
                "message": "The specified queue does not exist.",
            }
        ).encode()
        self.send_response(400)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Nothing."""


@contextmanager
def running(handler):
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Sqs(BaseHTTPRequestHandler):
    """Refuses, of each call, the entries that its server says, or forgets them."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        time.sleep(self.server.seconds)
        refuses = self.server.refuses.pop(0) if self.server.refuses else set()
        answer = {"Successful": [], "Failed": []}
        for number, entry in enumerate(call["Entries"]):
            if number in self.server.forgets:
                continue
            if number in refuses:
                failed = {"Code": "InternalError", "SenderFault": False}
                answer["Failed"].append({"Id": entry["Id"], **failed})
            else:
                self.server.taken.append(json.loads(entry["MessageBody"])["shard"])
                taken = {"MessageId": entry["Id"], "MD5OfMessageBody": ""}
                answer["Successful"].append({"Id": entry["Id"], **taken})
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Nothing."""


class TestAQueueThatRefusesSome:
    @pytest.fixture
    def server(self, settings):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Sqs)
        server.refuses, server.taken, server.seconds = [], [], 0
        server.forgets = set()
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}"
        use_queue(settings, f"{address}/123456789012/broadcasts")
        with environment(address):
            yield server
        server.shutdown()
        thread.join()
        server.server_close()

    def test_gets_them_again(self, server):
        make_sessions(120)
        server.refuses = [{0, 4, 9}, {1}]

        assert send().queued == 120

        assert sorted(server.taken) == [shard.pk for shard in shards()]
        assert all(shard.queued_on for shard in shards())

    def test_for_good_is_an_error_that_counts(self, server):
        make_sessions(125)
        server.refuses = [set(), {0, 2}, {0, 1}, {1}]

        with pytest.raises(BroadcastNotQueued, match="InternalError") as raised:
            send()

        assert (raised.value.queued, raised.value.recipients) == (120, 125)
        assert [shard.queued_on is None for shard in shards()] == [False] * 12 + [True]

    def test_without_a_word_has_not_taken_them(self, server):
        make_sessions(40)
        server.forgets = {1, 2, 3}  # of each call, and there are three

        with pytest.raises(BroadcastNotQueued, match="said nothing of") as raised:
            send()

        assert (raised.value.queued, raised.value.recipients) == (30, 40)
        on_queue = [shard.queued_on is not None for shard in shards()]
        assert on_queue == [True, True, True, False]

    def test_is_not_waited_for_without_end(self, server, monkeypatch):
        make_sessions(400)
        monkeypatch.setattr(broadcast_shards, "LONGEST_SENDING", 0.2)
        server.seconds = 0.15

        with pytest.raises(
            BroadcastNotQueued, match=r"took more than 0\.2 s"
        ) as raised:
            send()

        assert raised.value.queued == 10 * len(server.taken)
        assert 10 <= len(server.taken) <= 20
        assert sum(shard.queued_on is not None for shard in shards()) == len(
            server.taken
        )

    def test_is_not_asked_again_when_the_time_is_over(self, server, monkeypatch):
        make_sessions(25)
        monkeypatch.setattr(broadcast_shards, "LONGEST_SENDING", 0.1)
        server.seconds, server.refuses = 0.15, [{0}, {0}, {0}]

        with pytest.raises(BroadcastNotQueued, match="InternalError"):
            send()

        assert len(server.refuses) == 2


class TestADatabaseThatFails:
    server = TestAQueueThatRefusesSome.server

    def test_to_note_what_is_queued_keeps_nothing_off_the_queue(self, server, caplog):
        make_sessions(250)
        failures = [OperationalError("the database is away")]

        def fail(execute, sql, params, many, context):
            if failures and sql.startswith("UPDATE") and sets("queued_on", sql):
                raise failures.pop()
            return execute(sql, params, many, context)

        with connection.execute_wrapper(fail):
            assert send().queued == 250

        assert server.taken == [shard.pk for shard in shards()]
        assert [bool(shard.queued_on) for shard in shards()] == [False] * 10 + [
            True
        ] * 15
        assert "could not be noted that shards" in caplog.text
