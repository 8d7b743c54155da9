"""Messages to so many that a queue delivers them, a shard at a time."""

import json
import logging
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial
from itertools import chain, islice
from typing import Any, NamedTuple, Self

from django.db import models
from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.exceptions import BroadcastNotQueued
from django_aws_api_gateway_websockets.messaging.broadcast import BroadcastResult
from django_aws_api_gateway_websockets.messaging.broadcast_queue import BroadcastQueue
from django_aws_api_gateway_websockets.transactions import repeat_on_conflict

from .batches import delete_rows, deleted_by_model, pks_in_batches
from .broadcast_shards import BroadcastShard
from .databases import WritingQuerySet
from .pages import Page

logger = logging.getLogger("django_aws_api_gateway_websockets.models")

SESSIONS_IN_A_SHARD = 1_000
# Aurora DSQL takes 3,000 rows and 10 MiB in a transaction, and a shard may have 20 KB.
SHARDS_AT_ONCE = 50
# Queues keep a message so long at most.
BROADCASTS_ARE_KEPT_FOR = timedelta(days=14)


class Progress(NamedTuple):
    """How far a broadcast has come: recipients by what became of them."""

    sent: int = 0
    gone: int = 0
    connecting: int = 0
    failed: int = 0
    waiting: int = 0
    repeated: int = 0
    """How often a shard came again that was finished or taken over."""

    finished: int = 0
    """Shards that wait for nobody."""

    shards: int = 0

    @property
    def settled(self) -> int:
        """Recipients that are waited for no more."""
        return self.sent + self.gone + self.connecting + self.failed

    @property
    def is_finished(self) -> bool:
        return self.finished == self.shards


COUNTS = Progress._fields[:5]  # of recipients, each of whom is in one of them


class BroadcastQuerySet(WritingQuerySet["Broadcast"]):
    def progress_of(self, pks: Iterable[int]) -> dict[int, Progress]:
        """Of each that has a shard, in one statement."""
        sums = {name: Coalesce(Sum(name), 0) for name in (*COUNTS, "repeated")}
        rows: Any = (
            BroadcastShard.objects.using(self.db)
            .filter(broadcast__in=list(pks))
            .values("broadcast")
            .annotate(
                **sums,
                finished=Count("pk", filter=Q(finished_on__isnull=False)),
                shards=Count("pk"),
            )
        )
        return {
            row["broadcast"]: Progress(*(row[name] for name in Progress._fields))
            for row in rows
        }

    def old(self) -> Self:
        """Those that no queue can hold any more."""
        long_ago = timezone.now() - BROADCASTS_ARE_KEPT_FOR
        return self.for_write().filter(created_on__lt=long_ago)

    def delete_with_shards(self) -> int:
        """Delete these, and first their shards, so many in a transaction."""
        shards = BroadcastShard.objects.using(self.db)
        warn_of_waiting(shards.filter(broadcast__in=self))
        ours = shards.filter(broadcast__in=self)
        for pks in pks_in_batches(ours, at_once=SHARDS_AT_ONCE):
            deleted_by_model(shards.filter(pk__in=pks))
        return delete_rows(self.defer("data"))


class Broadcast(models.Model):
    """A message to many, and the day on which it was sent."""

    data = models.TextField(help_text="The message, as clients get it.")
    recipients = models.PositiveIntegerField(
        null=True,  # until all shards are written
        help_text="How many were open when it was sent.",
    )
    created_on = models.DateTimeField(auto_now_add=True)

    objects = BroadcastQuerySet.as_manager()

    def __str__(self) -> str:
        return f"broadcast {self.pk}"

    @property
    def progress(self) -> Progress:
        rows = Broadcast.objects.using(self._state.db)
        return rows.progress_of([self.pk]).get(self.pk, Progress())


def queue_broadcast(
    pages: Iterable[Page], data: bytes, *, using: str
) -> BroadcastResult:
    """Write down who gets what, and tell the queue where it stands.

    Raises BroadcastNotQueued where the queue does not take all of it.
    """
    queue = BroadcastQueue(conf.broadcast_queue_url)  # fails before anything is written
    broadcasts = Broadcast.objects.using(using)
    broadcast = repeat_on_conflict(
        lambda: broadcasts.create(data=data.decode()), using=using
    )
    waiting = write_shards(broadcast, pages)
    recipients = sum(waiting.values())
    queued, fault = BroadcastShard.objects.using(using).put_on_queue(
        list(waiting), queue
    )
    if fault:
        raise BroadcastNotQueued(
            broadcast.pk,
            queued=sum(waiting[pk] for pk in queued),
            recipients=recipients,
            reason=fault,
        )
    return BroadcastResult(queued=recipients, broadcast=broadcast.pk)


def write_shards(broadcast: Broadcast, pages: Iterable[Page]) -> dict[int, int]:
    """The recipients of each shard, by the shard's primary key."""
    database = str(broadcast._state.db)
    shards = BroadcastShard.objects.using(database)
    unwritten = shards_of(broadcast, pages)
    while some := list(islice(unwritten, SHARDS_AT_ONCE)):
        repeat_on_conflict(partial(shards.bulk_create, some), using=database)
    # A broadcast that was never written to its end is none: who sent it got an error.
    ours = shards.filter(broadcast=broadcast).order_by("pk")
    waiting = dict(ours.values_list("pk", "waiting"))
    rows = Broadcast.objects.using(database).filter(pk=broadcast.pk)
    recipients = sum(waiting.values())
    repeat_on_conflict(lambda: rows.update(recipients=recipients), using=database)
    return waiting


def shards_of(broadcast: Broadcast, pages: Iterable[Page]) -> Iterator[BroadcastShard]:
    pks = chain.from_iterable((row.pk for row in page) for page in pages)
    number = 0
    while some := list(islice(pks, SESSIONS_IN_A_SHARD)):
        number += 1
        yield BroadcastShard(
            broadcast=broadcast,
            number=number,
            sessions=json.dumps(some, separators=(",", ":")),
            waiting=len(some),
        )


def warn_of_waiting(shards: models.QuerySet[BroadcastShard]) -> None:
    """Whoever sent a broadcast that was not written to its end has got an error."""
    waiting = shards.filter(waiting__gt=0, broadcast__recipients__isnull=False)
    for broadcast, recipients in waiting.values_list("broadcast").annotate(
        Sum("waiting")
    ):
        logger.warning(
            "Broadcast %s is deleted, and %s recipients never had their turn or "
            "failed in each",
            broadcast,
            recipients,
        )
