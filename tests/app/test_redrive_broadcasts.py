"""What landed in the dead-letter queue, or on no queue, is put on the queue again."""

from datetime import timedelta

import pytest
from django.core.management import CommandError
from django.utils import timezone

from django_aws_api_gateway_websockets.exceptions import BroadcastNotQueued
from django_aws_api_gateway_websockets.messaging import broadcast_queue
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models import (
    Broadcast,
    BroadcastShard,
)
from tests.large_broadcasts import (
    MOST_RECEIVES,
    environment,
    make_sessions,
    progress,
    redrive,
    send,
    shards,
    use_queue,
)
from tests.ports import free_port

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_wait_for_messages(monkeypatch):
    monkeypatch.setattr(broadcast_queue, "WAIT_FOR_MESSAGES", 0)


@pytest.fixture
def dead_letters(queues, transport):
    """Two of three shards, each with somebody who was always throttled."""
    make_sessions(25)
    for throttled in ("client-3=", "client-13="):
        transport.answer(throttled, Outcome.THROTTLED)
    send()
    for _turn in range(MOST_RECEIVES + 1):
        queues.poll()
        queues.time_passes()
    assert queues.waiting(queues.dead_letters) == 2
    transport.clear()
    return queues


def age(**ago):
    Broadcast.objects.update(created_on=timezone.now() - timedelta(**ago))


def test_dead_letters_get_to_everybody(dead_letters, transport):
    assert redrive() == [
        "from the dead-letter queue: 2",
        "never queued before: 0",
        "queued more than a day ago: 0",
        "nothing left to do: 0",
        "left there, as no shards: 0",
    ]

    assert dead_letters.waiting(dead_letters.dead_letters) == 0
    assert [shard.tries for shard in shards()] == [0, 0, 1]
    assert dead_letters.poll() == []
    assert sorted(post.connection_id for post in transport.posts) == [
        "client-13=",
        "client-3=",
    ]
    assert progress() == (25, 0, 0, 0, 0, 0, 3, 3)


def test_a_dry_run_counts_and_does_nothing(dead_letters):
    BroadcastShard.objects.filter(number=3).update(queued_on=None, finished_on=None)
    age(minutes=2)

    assert redrive("--dry-run") == [
        "in the dead-letter queue, about: 2",
        "never queued: 1",
        "queued more than a day ago: 0",
    ]

    assert dead_letters.waiting(dead_letters.dead_letters) == 2
    assert dead_letters.waiting() == 0


def test_dead_letters_that_were_delivered_meanwhile_are_done_with(
    dead_letters, transport
):
    BroadcastShard.objects.filter(number=1).update(finished_on=timezone.now())
    BroadcastShard.objects.filter(number=2).delete()

    assert "nothing left to do: 2" in redrive()

    assert dead_letters.waiting(dead_letters.dead_letters) == 0
    assert dead_letters.waiting() == 0


def test_what_is_no_shard_stays_where_it_is_and_is_seen_at_once(dead_letters):
    for n in range(15):
        dead_letters.put(f"order {n}", url=dead_letters.dead_letters)

    assert redrive()[0::4] == [
        "from the dead-letter queue: 2",
        "left there, as no shards: 15",
    ]

    assert dead_letters.waiting(dead_letters.dead_letters) == 15
    assert "left there, as no shards: 15" in redrive()


def test_it_ends_though_what_is_no_shard_comes_back_at_once(queues, monkeypatch):
    monkeypatch.setattr(broadcast_queue, "WHILE_THEY_ARE_LOOKED_AT", 0)
    for n in range(5):
        queues.put(f"order {n}", url=queues.dead_letters)

    assert "left there, as no shards: 5" in redrive()


class TestWhatWasNeverQueued:
    @pytest.fixture
    def unqueued(self, queues, settings, transport):
        """A broadcast of which nothing is on the queue, which was away."""
        make_sessions(125)
        usual = settings.WEBSOCKETS
        address = f"http://127.0.0.1:{free_port()}"
        use_queue(settings, f"{address}/123456789012/broadcasts")
        with environment(address), pytest.raises(BroadcastNotQueued):
            send()
        settings.WEBSOCKETS = usual
        return queues

    def test_gets_to_everybody(self, unqueued, transport):
        age(minutes=2)

        assert "never queued before: 13" in redrive()

        assert unqueued.poll() == []
        assert progress() == (125, 0, 0, 0, 0, 0, 13, 13)
        assert len(transport.posts) == 125
        assert "never queued before: 0" in redrive()

    def test_is_left_to_its_sender_for_a_minute(self, unqueued):
        age(seconds=50)

        assert "never queued before: 0" in redrive()

    def test_is_no_broadcast_that_was_not_written_to_its_end(self, unqueued):
        age(minutes=2)
        Broadcast.objects.update(recipients=None)

        assert "never queued before: 0" in redrive()
        assert unqueued.waiting() == 0


class TestWhatWasQueuedLongAgo:
    @pytest.fixture
    def lost(self, queues, transport):
        """Three shards whose pointers are nowhere."""
        make_sessions(25)
        send()
        queues.client.purge_queue(QueueUrl=queues.url)
        return queues

    def test_gets_to_everybody(self, lost, transport):
        BroadcastShard.objects.update(queued_on=long_ago(hours=25), tries=5)
        line = "queued more than a day ago: 3"
        assert line in redrive("--dry-run")

        assert line in redrive()

        assert [shard.tries for shard in shards()] == [0, 0, 0]
        assert "queued more than a day ago: 0" in redrive()
        assert lost.poll() == []
        assert progress() == (25, 0, 0, 0, 0, 0, 3, 3)

    def test_is_not_what_may_still_be_on_the_queue(self, lost):
        BroadcastShard.objects.update(queued_on=long_ago(hours=23))

        assert "queued more than a day ago: 0" in redrive()

    def test_is_nothing_that_is_claimed_finished_or_not_written_to_its_end(self, lost):
        BroadcastShard.objects.update(queued_on=long_ago(hours=25))
        claimed, finished, _free = shards()
        BroadcastShard.objects.claim(claimed.pk, seconds=60)
        BroadcastShard.objects.filter(pk=finished.pk).update(finished_on=timezone.now())
        assert "queued more than a day ago: 1" in redrive("--dry-run")
        Broadcast.objects.update(recipients=None)

        assert "queued more than a day ago: 0" in redrive("--dry-run")


def long_ago(**ago):
    return timezone.now() - timedelta(**ago)


def test_without_a_queue_it_says_what_to_set():
    with pytest.raises(CommandError, match="set broadcast_queue_url in WEBSOCKETS"):
        redrive()


def test_a_database_that_is_none_is_said(queues):
    with pytest.raises(CommandError, match="invalid choice: 'elsewhere'"):
        redrive("--database", "elsewhere")


def test_a_queue_that_is_not_there_is_said(queues, settings):
    use_queue(settings, f"{queues.url}-gone")

    with pytest.raises(CommandError, match="queue does not exist"):
        redrive()


def test_a_queue_without_dead_letters_is_said(queues, settings):
    use_queue(settings, queues.dead_letters)

    assert redrive()[0] == "The queue has no dead-letter queue"
