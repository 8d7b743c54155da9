"""Shards that come twice, databases that fail, and what is no shard at all."""

import logging
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from django_aws_api_gateway_websockets.exceptions import NoCredentials
from django_aws_api_gateway_websockets.models import (
    Broadcast,
    BroadcastShard,
)
from lambda_handlers.broadcast import handler
from lambda_handlers.event_members import UnknownEvent
from tests.large_broadcasts import (
    Context,
    got_it,
    make_sessions,
    progress,
    send,
    sets,
    shards,
    warnings,
)

pytestmark = pytest.mark.django_db(transaction=True)


def dotted(transport):
    globals()[transport.__name__] = transport
    return f"{__name__}.{transport.__name__}"


class TestAShardThatComesTwice:
    def test_is_noticed_and_not_delivered_again(self, queues, transport, caplog):
        make_sessions(25)
        send()
        event = queues.event(most=10)
        assert queues.invoke(event) == []
        caplog.clear()

        assert queues.invoke(event) == []

        assert len(transport.posts) == 25
        assert progress().repeated == 3
        assert [shard.repeated for shard in shards()] == [1, 1, 1]
        told = warnings(caplog)
        assert len(told) == 3
        assert all("came again though it is finished" in each for each in told)

    def test_waits_while_another_one_has_it(self, queues, transport):
        make_sessions(10)
        send()
        [shard] = shards()
        BroadcastShard.objects.claim(shard.pk, seconds=60)

        assert len(queues.poll()) == 1

        assert transport.posts == []
        [pause] = queues.pauses()
        assert 55 <= pause <= 61

    def test_is_delivered_after_the_claim_of_one_that_has_died(self, queues, transport):
        everybody = make_sessions(10)
        send()
        [shard] = shards()
        BroadcastShard.objects.claim(shard.pk, seconds=60)
        BroadcastShard.objects.update(
            claimed_until=timezone.now() - timedelta(seconds=1)
        )

        assert queues.poll() == []

        assert got_it(transport, everybody) == everybody
        assert shards()[0].tries == 2

    def test_comes_again_where_it_is_given_back_meanwhile(self, queues, transport):
        """By the one who had it when this one tried to claim it."""
        make_sessions(10)
        send()
        BroadcastShard.objects.claim(shards()[0].pk, seconds=60)

        def give_back(execute, sql, params, many, context):
            if sql.startswith("UPDATE") and sets("repeated", sql):
                BroadcastShard.objects.update(claim="", claimed_until=None)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(give_back):
            assert len(queues.invoke(queues.event())) == 1

        assert queues.pauses() == [10]
        queues.time_passes()
        assert queues.poll() == []
        assert progress().sent == 10

    def test_that_is_deleted_in_its_turn_is_done_with(
        self, queues, settings, transport, caplog
    ):
        make_sessions(10)
        send()

        class Deleting:
            def perform(self, recipients, requests, **options):
                yield from transport.perform(recipients, requests, **options)
                Broadcast.objects.all().delete()

        settings.WEBSOCKETS = {**settings.WEBSOCKETS, "transport": dotted(Deleting)}

        assert queues.poll() == []

        [warning] = warnings(caplog)
        assert warning.startswith("Meanwhile shard 1 of broadcast")
        assert "was deleted: 10 sent" in warning

    def test_that_was_deleted_is_done_with(self, queues, transport, caplog):
        make_sessions(10)
        send()
        Broadcast.objects.all().delete()

        assert queues.poll() == []

        assert "though it is deleted" in caplog.text
        assert queues.under_way() == 0


class TestTrouble:
    def test_with_the_database_keeps_one_shard_and_not_the_others(
        self, queues, transport, caplog
    ):
        make_sessions(25)
        send()
        second = shards()[1].pk

        def fail(execute, sql, params, many, context):
            if sql.startswith("UPDATE") and sets("tries", sql) and second in params:
                raise OperationalError("the database is away")
            return execute(sql, params, many, context)

        with connection.execute_wrapper(fail):
            kept = queues.poll()

        assert len(kept) == 1
        assert queues.pauses() == [360]  # as the queue says
        assert "could not be delivered" in caplog.text
        assert progress() == (15, 0, 0, 0, 10, 0, 2, 3)

        queues.time_passes()
        assert queues.poll() == []
        assert progress().sent == 25

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "no JSON",
            "[]",
            "7",
            '{"shard": "1", "database": "default"}',
            '{"shard": 1}',
            '{"shard": 1, "database": "elsewhere"}',
            '{"shard": true, "database": "default"}',
            pytest.param("[" * 100_000, id="nested"),
        ],
    )
    def test_with_a_body_ends_in_the_dead_letter_queue(self, queues, body, caplog):
        event = {
            "Records": [
                {"messageId": "m-1", "receiptHandle": "r-1", "body": body},
            ]
        }

        assert handler(event, Context()) == {
            "batchItemFailures": [{"itemIdentifier": "m-1"}]
        }

        [error] = [each for each in caplog.records if each.levelno == logging.ERROR]
        assert "Message m-1 is no shard" in error.getMessage()

    def test_of_one_body_does_not_keep_the_others(self, queues, transport):
        make_sessions(25)
        queues.put("no JSON")
        send()

        assert queues.poll() == ["no JSON"]

        assert progress().sent == 25

    def test_in_the_middle_keeps_what_was_delivered(self, queues, settings, transport):
        make_sessions(10)
        send()

        class Breaking:
            def perform(self, recipients, requests, **options):
                told = transport.perform(recipients, requests, **options)
                for _ in range(4):
                    yield next(told)
                raise RuntimeError("broken")

        usual = settings.WEBSOCKETS
        settings.WEBSOCKETS = {**usual, "transport": dotted(Breaking)}
        assert len(queues.poll()) == 1
        assert progress()[:5] == (4, 0, 0, 0, 6)

        settings.WEBSOCKETS = usual
        queues.time_passes()
        assert queues.poll() == []
        assert progress() == (10, 0, 0, 0, 0, 0, 1, 1)

    def test_without_credentials_is_an_error_for_all(self, queues, settings):
        make_sessions(25)
        send()
        event = queues.event(most=5)

        class Keyless:
            def perform(self, recipients, requests, **options):
                raise NoCredentials("There is no key")
                yield

        usual = settings.WEBSOCKETS
        settings.WEBSOCKETS = {**usual, "transport": dotted(Keyless)}
        with pytest.raises(NoCredentials):
            handler(event, Context())

        settings.WEBSOCKETS = usual
        assert queues.invoke(event) == []
        assert progress().sent == 25

    @pytest.mark.parametrize(
        "event",
        [
            None,
            {},
            {"Records": None},
            {"Records": [{}]},
            {"Records": [{"messageId": "1", "receiptHandle": "2"}]},
            {"Records": [{"messageId": "1", "receiptHandle": "", "body": ""}]},
            {"requestContext": {"routeKey": "$connect"}},
        ],
    )
    def test_with_an_event_that_is_of_no_queue_is_an_error(self, event):
        with pytest.raises(UnknownEvent, match="no event of an SQS queue"):
            handler(event, Context())

    def test_no_records_are_no_trouble(self):
        assert handler({"Records": []}, Context()) == {"batchItemFailures": []}
