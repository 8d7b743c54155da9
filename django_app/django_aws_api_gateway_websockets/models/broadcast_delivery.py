"""A shard has its turn: those of it who are still to be reached get the message."""

import logging
from array import array
from collections import Counter
from contextlib import closing
from typing import NamedTuple

from django.db.models import Q
from django.utils import timezone

from django_aws_api_gateway_websockets.messaging.contract import (
    Delivery,
    Outcome,
    Recipient,
)
from django_aws_api_gateway_websockets.messaging.shard_pointers import Pointer

from .broadcast_shards import BroadcastShard
from .pages import pages_with
from .recipients import recipients_in
from .sending import MAY_BE_THERE, deliver, in_a_line
from .sessions import WebSocketSession

logger = logging.getLogger("django_aws_api_gateway_websockets.models")

FIRST_PAUSE = 10  # seconds until the next turn, doubled each time
LONGEST_PAUSE = 300  # seconds

FORBIDDEN = 403  # what the gateway says to whoever signs, and to no recipient


class Turn(NamedTuple):
    """What is to be done with the message that points at the shard."""

    is_over: bool
    pause: int | None = None
    """Seconds until it may come back; None: when the queue says."""


OVER = Turn(is_over=True)


class ShardTally:
    """What came of each session of a shard."""

    def __init__(self, shard: BroadcastShard) -> None:
        self.counts: Counter[Outcome] = Counter()
        self.reasons: Counter[str] = Counter()
        self.untold = dict.fromkeys(shard.primary_keys)
        self.again: list[int] = []
        self.gone = array("q")

    def add(self, recipient: Recipient, delivery: Delivery) -> None:
        del self.untold[recipient.session]
        if delivery.outcome in MAY_BE_THERE:
            self.reasons[delivery.reason] += 1
        if delivery.outcome is Outcome.GONE:
            self.gone.append(recipient.session)
        if delivery.is_transient or is_refusal_of_sender(delivery):
            self.again.append(recipient.session)
        else:
            self.counts[delivery.outcome] += 1

    def close(self) -> None:
        """Nobody is told of any more: who was not has left since it was written down."""
        self.counts[Outcome.GONE] += len(self.untold)
        self.untold.clear()

    @property
    def waiting(self) -> list[int]:
        return [*self.again, *self.untold]

    @property
    def main_reason(self) -> str:
        return next((reason for reason, _ in self.reasons.most_common(1)), "")

    def __str__(self) -> str:
        counts = ", ".join(f"{self.counts[each]} {each.value}" for each in Outcome)
        return in_a_line(f"{counts}, {len(self.waiting)} waiting", self.reasons)


def is_refusal_of_sender(delivery: Delivery) -> bool:
    """Such as of a role without the right: when that is mended, everybody can get it."""
    return delivery.answer is not None and delivery.answer.status == FORBIDDEN


def deliver_shard(pointer: Pointer, *, seconds: float, claim_seconds: float) -> Turn:
    """Deliver for so long at most; nobody else does before the claim has run out."""
    shards = BroadcastShard.objects.using(pointer.database)
    shard = shards.claim(pointer.shard, seconds=claim_seconds)
    if shard is None:
        return turn_without_claim(pointer)
    tally = ShardTally(shard)
    try:
        return turn_of(shard, tally, seconds=seconds)
    finally:
        # Last of all, as a row that is locked may keep a worker longer than it lives.
        sessions = WebSocketSession.objects.using(pointer.database)
        sessions.close_as_gone(tally.gone)


def turn_of(shard: BroadcastShard, tally: ShardTally, *, seconds: float) -> Turn:
    try:
        deliver_to_open(shard, tally, seconds=seconds)
        tally.close()
    finally:
        # Also of a delivery that was broken off: who has got it gets it once.
        is_ours = shard.give_back(tally.counts, tally.waiting, reason=tally.main_reason)
    if not is_ours:
        return turn_of_lost_claim(shard, tally)
    level = logging.WARNING if tally.reasons else logging.INFO
    logger.log(level, "Delivered %s: %s", shard, tally)
    return pause_after(shard.tries) if tally.waiting else OVER


def deliver_to_open(
    shard: BroadcastShard, tally: ShardTally, *, seconds: float
) -> None:
    database = str(shard._state.db)
    sessions = WebSocketSession.objects.using(database)
    pages = pages_with(shard.primary_keys, sessions, Q(connected=True))
    outcomes = deliver(
        recipients_in(pages, database), shard.broadcast.data.encode(), seconds=seconds
    )
    with closing(outcomes):
        for recipient, delivery in outcomes:
            tally.add(recipient, delivery)


def turn_of_lost_claim(shard: BroadcastShard, tally: ShardTally) -> Turn:
    shards = BroadcastShard.objects.using(shard._state.db)
    if not shards.filter(pk=shard.pk).exists():
        logger.warning("Meanwhile %s was deleted: %s", shard, tally)
        return OVER
    logger.warning(
        "The claim of %s ran out, and another one has it: these are delivered "
        "twice: %s",
        shard,
        tally,
    )
    return Turn(is_over=False)


def turn_without_claim(pointer: Pointer) -> Turn:
    shards = BroadcastShard.objects.using(pointer.database)
    if shards.note_repeated(pointer.shard):
        logger.warning("Shard %s came again though it is finished", pointer.shard)
        return OVER
    claims = shards.filter(pk=pointer.shard).values_list("claimed_until", "tries")
    if not (found := claims.first()):
        logger.warning("Shard %s came though it is deleted", pointer.shard)
        return OVER
    claimed_until, tries = found
    if claimed_until is None:  # by now: whoever had it has given it back
        return pause_after(tries)
    seconds = (claimed_until - timezone.now()).total_seconds()
    return Turn(is_over=False, pause=max(1, round(seconds) + 1))


def pause_after(tries: int) -> Turn:
    return Turn(False, min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** max(0, tries - 1)))
