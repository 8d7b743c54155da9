"""Large broadcasts, from the sender over the queue and the function to the clients."""

from datetime import timedelta

import pytest
from django.utils import timezone

from django_aws_api_gateway_websockets.messaging.contract import Delivery, Outcome
from django_aws_api_gateway_websockets.models import (
    Broadcast,
    WebSocketSession,
)
from tests.large_broadcasts import (
    Context,
    got_it,
    make_sessions,
    progress,
    send,
    shards,
    warnings,
)

pytestmark = pytest.mark.django_db(transaction=True)

THROTTLED_FOR_ONE_TURN = [*[Outcome.THROTTLED] * 6, Outcome.SENT]


def dotted(transport):
    globals()[transport.__name__] = transport
    return f"{__name__}.{transport.__name__}"


class TestDelivery:
    def test_reaches_everybody_once(self, queues, transport, caplog):
        everybody = make_sessions(25)

        result = send()

        assert (result.queued, result.sent) == (25, 0)
        assert result.broadcast == Broadcast.objects.get().pk
        assert queues.waiting() == 3
        assert transport.posts == []

        assert queues.poll() == []

        assert got_it(transport, everybody) == everybody
        assert len(transport.posts) == 25
        assert progress() == (25, 0, 0, 0, 0, 0, 3, 3)
        assert queues.waiting() == queues.under_way() == 0
        assert warnings(caplog) == []

    def test_closes_the_sessions_of_those_who_are_gone(self, queues, transport):
        make_sessions(25)
        transport.answer("client-3=", Outcome.GONE)

        send()
        queues.poll()

        assert progress()[:2] == (24, 1)
        gone = WebSocketSession.objects.get(connected=False)
        assert (gone.connection_id, gone.closed_reason) == ("client-3=", "gone")

    def test_leaves_out_who_has_left_since_and_counts_them_as_gone(
        self, queues, transport
    ):
        make_sessions(25)
        send()
        WebSocketSession.objects.filter(connection_id="client-0=").delete()
        WebSocketSession.objects.get(connection_id="client-9=").disconnect()
        transport.clear()

        queues.poll()

        assert progress()[:2] == (23, 2)
        assert len(transport.posts) == 23

    def test_counts_who_is_still_connecting(self, queues, transport):
        make_sessions(25)
        WebSocketSession.objects.filter(connection_id="client-3=").update(
            request_count=0
        )
        transport.answer("client-3=", Outcome.GONE)

        send()
        queues.poll()

        assert progress()[:4] == (24, 0, 1, 0)
        assert progress().is_finished

    def test_does_not_repeat_what_fails_for_good_and_says_why(
        self, queues, transport, caplog
    ):
        make_sessions(25)
        transport.answer("client-3=", Outcome.FAILED)

        send()

        assert queues.poll() == []
        assert progress() == (24, 0, 0, 1, 0, 0, 3, 3)
        [warning] = warnings(caplog)
        assert "9 sent" in warning
        assert "1 failed, 0 waiting; 1 x told to" in warning

    def test_brings_only_those_again_who_were_throttled(self, queues, transport):
        everybody = make_sessions(25)
        for throttled in everybody[8:12]:
            transport.answer(throttled, *THROTTLED_FOR_ONE_TURN)

        send()

        assert len(queues.poll()) == 2
        assert progress() == (21, 0, 0, 0, 4, 0, 1, 3)
        assert [shard.waiting for shard in shards()] == [2, 2, 0]
        assert queues.pauses() == [10, 10]
        transport.posts.clear()

        queues.time_passes()

        assert queues.poll() == []
        assert progress() == (25, 0, 0, 0, 0, 0, 3, 3)
        assert sorted(post.connection_id for post in transport.posts) == sorted(
            everybody[8:12]
        )

    def test_takes_longer_and_longer_pauses(self, queues, transport):
        make_sessions(10)
        transport.answer("client-3=", Outcome.THROTTLED)
        send()
        event = queues.event()
        pauses = []

        for _turn in range(7):
            queues.invoke(event)
            pauses += queues.pauses()

        assert pauses == [10, 20, 40, 80, 160, 300, 300]

    def test_ends_in_the_dead_letter_queue(self, queues, transport):
        make_sessions(25)
        transport.answer("client-3=", Outcome.THROTTLED)

        send()
        for _turn in range(3):
            queues.poll()
            queues.time_passes()

        assert progress() == (24, 0, 0, 0, 1, 0, 2, 3)
        assert queues.waiting() == queues.under_way() == 0
        assert queues.waiting(queues.dead_letters) == 1
        assert [shard.last_reason for shard in shards()] == ["told to", "", ""]

    def test_keeps_no_reason_of_a_turn_before_the_last(self, queues, transport):
        make_sessions(10)
        transport.answer("client-3=", *THROTTLED_FOR_ONE_TURN)
        send()
        queues.poll()
        assert [shard.last_reason for shard in shards()] == ["told to"]

        queues.time_passes()
        queues.poll()

        assert [shard.last_reason for shard in shards()] == [""]


class TestTime:
    def test_that_is_left_is_divided(self, queues, settings):
        make_sessions(50)
        send()
        seconds_given = []

        class Quick:
            def perform(self, recipients, requests, *, seconds, **options):
                seconds_given.append(round(seconds))
                yield from ((each, Delivery(Outcome.SENT)) for each in recipients)

        settings.WEBSOCKETS = {**settings.WEBSOCKETS, "transport": dotted(Quick)}
        queues.invoke(queues.event(most=5), Context(seconds=605))

        assert seconds_given == [120, 150, 200, 300, 600]

    def test_that_is_not_enough_begins_nothing(self, queues, transport):
        make_sessions(50)
        send()
        event = queues.event(most=5)

        kept = queues.invoke(event, Context(seconds=5.9))

        assert len(kept) == 5
        assert transport.posts == []
        assert queues.pauses() == [10] * 5
        assert [shard.tries for shard in shards()] == [0] * 5

        queues.time_passes()

        assert queues.poll(Context(seconds=30)) == []
        assert progress().sent == 50

    def test_a_claim_outlives_the_function(self, queues, settings):
        make_sessions(10)
        send()
        claims = []

        class Looking:
            def perform(self, recipients, requests, **options):
                claims.extend(shards())
                yield from ()

        settings.WEBSOCKETS = {**settings.WEBSOCKETS, "transport": dotted(Looking)}
        began = timezone.now()
        queues.poll(Context(seconds=30))

        [claimed] = claims
        assert claimed.claimed_until >= began + timedelta(seconds=39)
        assert claimed.claimed_until <= timezone.now() + timedelta(seconds=41)
