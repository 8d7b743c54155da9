"""Several workers at once on one shard."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections
from django.utils import timezone

from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models import BroadcastShard
from lambda_handlers.broadcast import handler
from tests.large_broadcasts import (
    Context,
    make_sessions,
    progress,
    send,
    shards,
)

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 4
PATHS = os.pathsep.join([".", "django_app"])
# Its own process ends while it delivers, as by the time-out of a function.
DYING_WORKER = """
import json, os, sys

class Dying:
    def perform(self, recipients, requests, **options):
        for recipient, _ in zip(recipients, range(4)):
            yield recipient, Delivery(Outcome.SENT)
        os._exit(9)

from lambda_handlers.broadcast import handler
from django.conf import settings
from django_aws_api_gateway_websockets.messaging.contract import Delivery, Outcome
from tests.large_broadcasts import Context

settings.WEBSOCKETS["transport"] = "__main__.Dying"
handler(json.load(sys.stdin), Context(seconds=30))
"""


def at_once(*calls):
    barrier = Barrier(len(calls))

    def run(call):
        barrier.wait()
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


@pytest.mark.parametrize("_attempt", range(3))
def test_one_event_in_several_workers_reaches_everybody_once(
    queues, transport, _attempt
):
    everybody = make_sessions(25)
    send()
    event = queues.event(most=5)

    at_once(*[lambda: handler(event, Context())] * WORKERS)

    assert sorted(post.connection_id for post in transport.posts) == sorted(everybody)
    assert progress()[:5] == (25, 0, 0, 0, 0)
    assert [shard.tries for shard in shards()] == [1, 1, 1]


def test_several_workers_share_what_is_there(queues, transport):
    everybody = make_sessions(200)
    for throttled in everybody[::20]:
        transport.answer(throttled, *[Outcome.THROTTLED] * 6, Outcome.SENT)
    send()

    at_once(*[queues.poll] * WORKERS)
    assert progress()[:5] == (190, 0, 0, 0, 10)

    queues.time_passes()
    at_once(*[queues.poll] * WORKERS)
    assert progress() == (200, 0, 0, 0, 0, 0, 20, 20)
    assert queues.waiting() == queues.under_way() == 0


def test_a_worker_whose_claim_has_run_out_says_so(queues, settings, transport, caplog):
    make_sessions(10)
    send()
    event = queues.event()
    others = [event]

    class Slow:
        """While it delivers first, its claim runs out and another worker comes."""

        def perform(self, recipients, requests, **options):
            recipients = list(recipients)
            if others:
                BroadcastShard.objects.update(claimed_until=None)
                answer = handler(others.pop(), Context())
                assert answer == {"batchItemFailures": []}
            yield from transport.perform(recipients, requests, **options)

    globals()["Slow"] = Slow
    settings.WEBSOCKETS = {**settings.WEBSOCKETS, "transport": f"{__name__}.Slow"}

    assert len(queues.invoke(event)) == 1

    assert len(transport.posts) == 20
    assert progress() == (10, 0, 0, 0, 0, 1, 1, 1)
    assert "these are delivered twice: 10 sent" in caplog.text

    queues.time_passes()
    assert queues.poll() == []
    assert len(transport.posts) == 20


def test_a_worker_that_dies_leaves_the_shard_to_the_next(queues, transport):
    everybody = make_sessions(10)
    send()
    event = queues.event()

    died = subprocess.run(
        [sys.executable, "-c", DYING_WORKER],
        env={**os.environ, "DATABASE_URL": address_of_database(), "PYTHONPATH": PATHS},
        input=json.dumps(event),
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert died.returncode == 9, died.stderr
    assert progress()[:5] == (0, 0, 0, 0, 10)
    assert (
        len(queues.invoke(event)) == 1
    )  # it may still be alive, for all anybody knows
    assert transport.posts == []
    [pause] = queues.pauses()
    assert 30 <= pause <= 41

    soon = timezone.now() + timedelta(seconds=41)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: soon)
        queues.time_passes()
        assert queues.poll() == []

    assert sorted(post.connection_id for post in transport.posts) == sorted(everybody)
    assert progress()[:5] == (10, 0, 0, 0, 0)


def address_of_database() -> str:
    """The address of the database that this process tests with."""
    name = connections["default"].settings_dict["NAME"]
    if connections["default"].vendor == "sqlite":
        return f"sqlite:///{name}"
    return os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
