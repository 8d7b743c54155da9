"""`manage.py send_message` to more than are sent to at once."""

import os
import re
import signal
from contextlib import contextmanager
from io import StringIO
from threading import Event, Thread, Timer

import pytest
from django.core.management import CommandError
from django.db import connections

from django_aws_api_gateway_websockets.management import watching
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models import Broadcast
from tests.large_broadcasts import make_sessions, progress, use_queue

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def queues(queues, transport, monkeypatch):
    """It is for what goes to more than 5, and there are 25."""
    monkeypatch.setattr(watching, "PAUSE", 0.05)
    make_sessions(25)
    return queues


@contextmanager
def worker(queues):
    """Lambda invokes the function as long as this is entered."""
    has_ended = Event()

    def work():
        while not has_ended.wait(0.02):
            queues.poll()
        connections.close_all()

    thread = Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        has_ended.set()
        thread.join(timeout=30)


def test_it_is_watched_until_all_are_reached(queues, transport, run):
    transport.answer("client-3=", Outcome.GONE)
    with worker(queues):
        run.send("--all")

    assert progress().is_finished
    assert len(transport.posts) == 25
    pk = Broadcast.objects.get().pk
    assert run.output.getvalue().startswith(f"Broadcast {pk} is queued for 25\n")
    assert run.counts == {
        "sent": 24, "gone": 1, "connecting": 0, "failed": 0, "waiting": 0,
    }  # fmt: skip
    assert re.fullmatch(r"25 of 25, [\d,]+/s\n", run.errors.getvalue())


def test_who_has_failed_there_makes_it_fail(queues, transport, run):
    transport.answer("client-3=", Outcome.FAILED)
    with worker(queues), pytest.raises(CommandError, match="1 may be there"):
        run.send("--all")

    assert run.counts["failed"] == 1


def test_it_need_not_be_watched(queues, transport, run):
    run.send("--all", "--no-wait")

    assert queues.waiting() == 3
    assert transport.posts == []
    pk = Broadcast.objects.get().pk
    assert run.output.getvalue() == f"Broadcast {pk} is queued for 25\n"


class Watched(StringIO):
    """Presses Ctrl-C a moment after it has been told that all is queued."""

    def write(self, text):
        if "is queued" in text:
            Timer(0.3, os.kill, [os.getpid(), signal.SIGINT]).start()
        return super().write(text)


def test_ctrl_c_ends_the_watching_alone(queues, transport, run):
    run.output = Watched()

    with pytest.raises(CommandError, match="The queue goes on") as error:
        run.send("--all")

    assert error.value.returncode == 130
    assert run.counts["waiting"] == 25
    assert run.errors.getvalue().startswith("0 of 25, ")
    queues.poll()
    assert progress().sent == 25


def test_up_to_the_threshold_it_is_sent_at_once(queues, transport, settings, run):
    use_queue(settings, queues.url, threshold=25)

    run.send("--all")

    assert run.counts["sent"] == 25
    assert not Broadcast.objects.exists()


def test_what_the_queue_does_not_take_is_an_error(queues, settings, run):
    use_queue(settings, f"{queues.url}-that-is-none")

    with pytest.raises(CommandError, match="redrive_broadcasts"):
        run.send("--all")
