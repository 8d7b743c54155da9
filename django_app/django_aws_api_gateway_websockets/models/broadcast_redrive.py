"""Shards that nobody is going to deliver are put on the queue again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import connections
from django.db.models import Q
from django.utils import timezone

from django_aws_api_gateway_websockets.messaging.broadcast_queue import (
    BroadcastQueue,
    QueuedMessage,
)
from django_aws_api_gateway_websockets.messaging.shard_pointers import (
    Pointer,
    pointer_in,
)

from .broadcast_shards import BroadcastShard, BroadcastShardQuerySet

# Whoever has just written them is still putting them on the queue.
WAIT_FOR_SENDER = timedelta(minutes=1)
# Queues lose messages: by a purge, by their age, by a hand.
WAIT_FOR_QUEUE = timedelta(days=1)
MOST_SEEN = 10  # answers in a row that hold nothing new


@dataclass
class Redriven:
    """How many were put on the queue, or not, and why it ended early."""

    dead_letters: int = 0
    never_queued: int = 0
    queued_long_ago: int = 0
    nothing_left_to_do: int = 0
    no_pointers: int = 0
    fault: str = ""


def redrive(
    queue: BroadcastQueue, dead_letter_queue: BroadcastQueue | None, database: str
) -> Redriven:
    """Stops at the first shard that the queue does not take."""
    redriven = Redriven()
    if dead_letter_queue:
        redrive_dead_letters(queue, dead_letter_queue, redriven)
    if not redriven.fault:
        shards = never_queued(database)
        pks = list(shards.order_by("pk").values_list("pk", flat=True))
        queued, redriven.fault = shards.put_on_queue(pks, queue)
        redriven.never_queued = len(queued)
    if not redriven.fault:
        redrive_lost(queue, database, redriven)
    return redriven


def redrive_lost(queue: BroadcastQueue, database: str, redriven: Redriven) -> None:
    for pk in queued_long_ago(database).order_by("pk").values_list("pk", flat=True):
        pointer = Pointer(pk, database)
        redriven.queued_long_ago += redrive_shard(pointer, queue, redriven)
        if redriven.fault:
            return


def never_queued(database: str) -> BroadcastShardQuerySet:
    """Those that the queue did not take, of broadcasts that were written to the end."""
    return BroadcastShard.objects.using(database).filter(
        queued_on=None,
        finished_on=None,
        broadcast__recipients__isnull=False,
        broadcast__created_on__lt=timezone.now() - WAIT_FOR_SENDER,
    )


def queued_long_ago(database: str) -> BroadcastShardQuerySet:
    """Those that nobody has: where the pointer is still there, two are noticed."""
    now = timezone.now()
    return BroadcastShard.objects.using(database).filter(
        Q(claimed_until=None) | Q(claimed_until__lt=now),
        queued_on__lt=now - WAIT_FOR_QUEUE,
        finished_on=None,
        broadcast__recipients__isnull=False,
    )


def redrive_dead_letters(
    queue: BroadcastQueue, dead_letter_queue: BroadcastQueue, redriven: Redriven
) -> None:
    left: dict[str, QueuedMessage] = {}
    try:
        for message in each_once(dead_letter_queue, left):
            try:
                pointer = pointer_in(message.body, databases=connections)
            except ValueError:
                redriven.no_pointers += 1
                continue
            redriven.dead_letters += redrive_shard(pointer, queue, redriven)
            if redriven.fault:
                return
            # Only now: on both queues a shard is noticed, on neither it is lost.
            dead_letter_queue.delete(left.pop(message.id))
    finally:
        # Else nobody sees for a while what is left, not even who asks again.
        for message in left.values():
            dead_letter_queue.put_off(message.receipt_handle, 0)


def each_once(
    dead_letter_queue: BroadcastQueue, left: dict[str, QueuedMessage]
) -> Iterator[QueuedMessage]:
    """Until there is none, and `left` has all; what is left may come back meanwhile."""
    seen: set[str] = set()
    nothing_new = 0
    while nothing_new < MOST_SEEN and (taken := list(dead_letter_queue.take())):
        left |= {each.id: each for each in taken}
        new = [each for each in taken if each.id not in seen]
        nothing_new = 0 if new else nothing_new + 1
        seen |= {each.id for each in new}
        yield from new


def redrive_shard(pointer: Pointer, queue: BroadcastQueue, redriven: Redriven) -> int:
    """How many were put on the queue, one or none."""
    shards = BroadcastShard.objects.using(pointer.database)
    # Its claim stays: where somebody still delivers it, the next one waits for that.
    if not shards.set(shards.filter(pk=pointer.shard, finished_on=None), tries=0):
        redriven.nothing_left_to_do += 1
        return 0
    queued, redriven.fault = shards.put_on_queue([pointer.shard], queue)
    return len(queued)
