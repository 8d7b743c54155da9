"""The recipients of a large broadcast, a thousand at a time, and what became of them."""

import json
import logging
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from secrets import token_hex
from typing import Any, NamedTuple

from django.db import Error, InterfaceError, OperationalError, connections, models
from django.db.models import F, Q
from django.utils import timezone

from django_aws_api_gateway_websockets.messaging.broadcast_queue import (
    LONGEST_SENDING,
    MOST_AT_ONCE,
    BroadcastQueue,
)
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.messaging.shard_pointers import Pointer
from django_aws_api_gateway_websockets.transactions import repeat_on_conflict

from .databases import WritingQuerySet
from .sending import MAY_BE_THERE

logger = logging.getLogger("django_aws_api_gateway_websockets.models")


class PutOnQueue(NamedTuple):
    """The shards that are on the queue now, and why the others are not."""

    pks: list[int]
    fault: str


class BroadcastShardQuerySet(WritingQuerySet["BroadcastShard"]):
    def put_on_queue(self, pks: Sequence[int], queue: BroadcastQueue) -> PutOnQueue:
        """Put them on the queue in their order, until it takes one of them not."""
        until = time.monotonic() + LONGEST_SENDING
        queued: list[int] = []
        for start in range(0, len(pks), MOST_AT_ONCE):
            some = [Pointer(pk, self.db) for pk in pks[start : start + MOST_AT_ONCE]]
            if time.monotonic() >= until:
                return PutOnQueue(queued, f"it took more than {LONGEST_SENDING} s")
            pointers, fault = queue.send(some, until=until)
            queued += self.note_queued([pointer.shard for pointer in pointers])
            if fault:
                return PutOnQueue(queued, fault)
        return PutOnQueue(queued, "")

    def note_queued(self, pks: list[int]) -> list[int]:
        rows = self.filter(pk__in=pks)
        try:
            if pks:
                self.set(rows, queued_on=timezone.now())
        except Error:
            # They are on the queue all the same, and the others are to follow.
            logger.exception("It could not be noted that shards %s are queued", pks)
            connections[self.db].close_if_unusable_or_obsolete()
        return pks

    def claim(self, pk: int, *, seconds: float) -> "BroadcastShard | None":
        """Have a shard for oneself for so long; None where it is finished or taken."""
        now, claim = timezone.now(), token_hex(16)
        is_free = Q(claimed_until=None) | Q(claimed_until__lt=now)
        claimed = self.set(
            self.filter(is_free, pk=pk, finished_on=None),
            claim=claim,
            claimed_until=now + timedelta(seconds=seconds),
            tries=F("tries") + 1,
        )
        if not claimed:
            return None
        return self.filter(pk=pk, claim=claim).select_related("broadcast").first()

    def note_repeated(self, pk: int) -> bool:
        """Count that a finished shard came again; False where it is not finished."""
        finished = self.filter(pk=pk, finished_on__isnull=False)
        return self.set(finished, repeated=F("repeated") + 1) > 0

    def set(self, rows: models.QuerySet[Any], **columns: Any) -> int:
        return repeat_on_conflict(lambda: rows.update(**columns), using=self.db)


class BroadcastShard(models.Model):
    """Some recipients of one broadcast, whom one function reaches in one go."""

    broadcast = models.ForeignKey(
        "Broadcast",
        on_delete=models.CASCADE,
        related_name="shards",
        db_index=False,  # the constraint has one
    )
    number = models.PositiveIntegerField()
    sessions = models.TextField(
        help_text="The primary keys of those that are still to be reached, as JSON."
    )
    waiting = models.PositiveIntegerField(help_text="How many these are.")
    tries = models.PositiveIntegerField(default=0)
    claim = models.CharField(max_length=32, blank=True, default="", editable=False)
    claimed_until = models.DateTimeField(null=True, blank=True)
    queued_on = models.DateTimeField(null=True, blank=True)
    finished_on = models.DateTimeField(null=True, blank=True)
    sent = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    connecting = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    repeated = models.PositiveIntegerField(
        default=0, help_text="How often it came though it was finished or taken over."
    )
    last_reason = models.TextField(
        blank=True,
        default="",
        help_text="The most frequent one of the last turn, if somebody did not get the message.",
    )

    objects = BroadcastShardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["broadcast", "number"], name="ws_broadcast_shard_number"
            )
        ]

    def __str__(self) -> str:
        return f"shard {self.number} of broadcast {self.broadcast_id}"

    @property
    def primary_keys(self) -> list[int]:
        pks: list[int] = json.loads(self.sessions)
        return pks

    def give_back(
        self, counts: Counter[Outcome], waiting: Sequence[int], *, reason: str
    ) -> bool:
        """Write what came of the claim; False where it is ours no more."""
        rows = BroadcastShard.objects.using(self._state.db)
        try:
            written = self.write_result(counts, waiting, reason)
        except (OperationalError, InterfaceError):
            # The connection may be lost: before it was written, or after that.
            connections[rows.db].close()
            written = self.write_result(counts, waiting, reason)
            written = written or rows.filter(pk=self.pk, claim="").exists()
        if not written:
            rows.set(rows.filter(pk=self.pk), repeated=F("repeated") + 1)
        return written

    def write_result(
        self, counts: Counter[Outcome], waiting: Sequence[int], reason: str
    ) -> bool:
        rows = BroadcastShard.objects.using(self._state.db)
        written = rows.set(
            rows.filter(pk=self.pk, claim=self.claim),
            sent=F("sent") + counts[Outcome.SENT],
            gone=F("gone") + counts[Outcome.GONE],
            connecting=F("connecting") + counts[Outcome.CONNECTING],
            failed=F("failed") + sum(counts[each] for each in MAY_BE_THERE),
            last_reason=reason,
            sessions=json.dumps(waiting, separators=(",", ":")),
            waiting=len(waiting),
            finished_on=None if waiting else timezone.now(),
            claim="",
            claimed_until=None,
        )
        return written > 0
