"""Shards that nobody is going to deliver are put on the queue again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from django_aws_api_gateway_websockets.messaging.broadcast_queue import (
    BroadcastQueue,
    Pointer,
    Taken,
    pointer_in,
)

from .broadcast_shards import BroadcastShard, BroadcastShardQuerySet

# Whoever has just written them is still putting them on the queue.
WAIT_FOR_SENDER = timedelta(minutes=1)


@dataclass
class Redriven:
    """How many were put on the queue, or not, and why it ended early."""

    dead_letters: int = 0
    never_queued: int = 0
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
    return redriven


def never_queued(database: str) -> BroadcastShardQuerySet:
    """Those that the queue did not take, of broadcasts that were written to the end."""
    return BroadcastShard.objects.using(database).filter(
        queued_on=None,
        finished_on=None,
        broadcast__recipients__isnull=False,
        broadcast__created_on__lt=timezone.now() - WAIT_FOR_SENDER,
    )


def redrive_dead_letters(
    queue: BroadcastQueue, dead_letter_queue: BroadcastQueue, redriven: Redriven
) -> None:
    for taken in each_once(dead_letter_queue):
        try:
            pointer = pointer_in(taken.body)
        except ValueError:
            redriven.no_pointers += 1
            continue
        redrive_shard(pointer, queue, redriven)
        if redriven.fault:
            return
        # Only now: on both queues a shard is noticed, on neither it is lost.
        dead_letter_queue.delete(taken)


def each_once(dead_letter_queue: BroadcastQueue) -> Iterator[Taken]:
    """Those that are left where they are come back after a while."""
    seen: set[str] = set()
    while taken := [each for each in dead_letter_queue.take() if each.id not in seen]:
        seen |= {each.id for each in taken}
        yield from taken


def redrive_shard(pointer: Pointer, queue: BroadcastQueue, redriven: Redriven) -> None:
    shards = BroadcastShard.objects.using(pointer.database)
    # Its claim stays: where somebody still delivers it, the next one waits for that.
    if not shards.set(shards.filter(pk=pointer.shard, finished_on=None), tries=0):
        redriven.nothing_left_to_do += 1
        return
    queued, redriven.fault = shards.put_on_queue([pointer.shard], queue)
    redriven.dead_letters += len(queued)
