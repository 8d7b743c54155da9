"""Messages to many are written down, and the queue is told where they stand."""

import json
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from django_aws_api_gateway_websockets.cleanup import clean_up
from django_aws_api_gateway_websockets.exceptions import BroadcastNotQueued, NoRegion
from django_aws_api_gateway_websockets.messaging.broadcast_queue import region_of
from django_aws_api_gateway_websockets.models import (
    DEFERRED,
    Broadcast,
    BroadcastShard,
    WebSocketSession,
)
from tests.app.old_rows import NOTHING
from tests.large_broadcasts import (
    NEWS,
    environment,
    make_sessions,
    progress,
    send,
    shards,
    use_queue,
)
from tests.ports import free_port

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("small_shards"),
]


class TestAQueue:
    def bodies(self, queues):
        bodies = []
        while records := queues.event(most=10)["Records"]:
            bodies += [json.loads(record["body"]) for record in records]
        return sorted(bodies, key=lambda body: body["shard"])

    def test_gets_a_pointer_for_each_shard(self, queues, transport):
        make_sessions(213)

        result = send()

        broadcast = Broadcast.objects.get()
        assert (result.queued, result.broadcast) == (213, broadcast.pk)
        assert (broadcast.recipients, json.loads(broadcast.data)) == (213, NEWS)
        assert self.bodies(queues) == [
            {"shard": shard.pk, "database": "default"} for shard in shards()
        ]
        assert [shard.number for shard in shards()] == [*range(1, 23)]
        assert [shard.waiting for shard in shards()] == [10] * 21 + [3]
        everybody = {pk for shard in shards() for pk in shard.primary_keys}
        assert everybody == {*WebSocketSession.objects.values_list("pk", flat=True)}
        assert all(shard.queued_on for shard in shards())
        assert progress() == (0, 0, 0, 0, 213, 0, 0, 22)

    def test_gets_only_what_is_above_the_threshold(self, queues, settings, transport):
        make_sessions(25)
        use_queue(settings, queues.url, threshold=25)
        assert (send().sent, send().queued) == (25, 0)

        use_queue(settings, queues.url, threshold=24)
        assert (send().sent, send().queued) == (0, 25)

    def test_gets_nothing_from_a_transaction_before_its_commit(self, queues, transport):
        make_sessions(25)

        with transaction.atomic():
            assert send() is DEFERRED
            assert Broadcast.objects.count() == 0

        assert progress().waiting == 25
        assert queues.waiting() == 3

    def test_gets_nothing_from_a_transaction_that_fails(self, queues, transport):
        make_sessions(25)

        with transaction.atomic():
            send()
            transaction.set_rollback(True)

        assert Broadcast.objects.count() == 0
        assert queues.waiting() == 0

    def test_has_its_pointers_in_bounded_batches(self, queues):
        """A transaction may not be larger than the smallest database takes."""
        make_sessions(213)
        written = []

        def look(execute, sql, params, many, context):
            if sql.startswith("INSERT") and "broadcastshard" in sql:
                written.append(sql.count("("))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(look):
            send()

        assert len(written) == 4

    def test_gets_nothing_of_what_was_not_written_to_the_end(self, queues):
        make_sessions(100)

        def fail(execute, sql, params, many, context):
            if sql.startswith("INSERT") and BroadcastShard.objects.exists():
                raise OperationalError("the database is away")
            return execute(sql, params, many, context)

        with connection.execute_wrapper(fail), pytest.raises(OperationalError):
            send()

        assert queues.waiting() == 0
        assert Broadcast.objects.get().recipients is None
        assert len(shards()) == 7


class TestTheRegionOfAQueue:
    @pytest.mark.parametrize(
        ("host", "region"),
        [
            ("sqs.eu-central-1.amazonaws.com", "eu-central-1"),
            ("sqs.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            ("sqs-fips.us-east-1.amazonaws.com", "us-east-1"),
            ("sqs.eu-west-1.api.aws", "eu-west-1"),
            ("us-west-2.queue.amazonaws.com", "us-west-2"),
            ("127.0.0.1", None),
            ("sqs.eu-central-1.amazonaws.com.example", None),
        ],
    )
    def test_is_in_its_address(self, host, region):
        assert region_of(f"https://{host}/123456789012/broadcasts") == region

    def test_that_is_nowhere_is_an_error_before_anything_is_written(
        self, settings, monkeypatch, tmp_path
    ):
        make_sessions(25)
        use_queue(settings, "http://127.0.0.1:9/123456789012/broadcasts")
        for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))

        with pytest.raises(NoRegion):
            send()

        assert Broadcast.objects.count() == 0


class TestCleanUp:
    @pytest.fixture
    def written(self, settings):
        make_sessions(400)
        address = f"http://127.0.0.1:{free_port()}"
        use_queue(settings, f"{address}/123456789012/broadcasts")
        with environment(address), pytest.raises(BroadcastNotQueued):
            send()

    @pytest.mark.parametrize(
        ("age", "deleted"), [(timedelta(days=13, hours=23), 0), (timedelta(days=14), 1)]
    )
    def test_deletes_what_is_older_than_any_message(self, written, age, deleted):
        Broadcast.objects.update(created_on=timezone.now() - age)

        assert clean_up() == {**NOTHING, "broadcasts_deleted": deleted}

        assert Broadcast.objects.count() == 1 - deleted
        assert BroadcastShard.objects.count() == 40 * (1 - deleted)

    def test_deletes_so_many_rows_at_once(self, written):
        Broadcast.objects.update(created_on=timezone.now() - timedelta(days=14))
        deleted = []

        def look(execute, sql, params, many, context):
            if sql.startswith("DELETE"):
                deleted.append(len(params))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(look):
            clean_up()

        assert deleted.count(7) == 5
        assert max(deleted) == 7
