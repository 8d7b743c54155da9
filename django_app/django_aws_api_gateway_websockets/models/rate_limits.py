"""So many in a window, exactly, however many ask at once: one integer for each key.

A generic cell rate algorithm: `free_at` is when all slots will be free again. Taking a
slot puts it off by one step, which is the window over the limit, and there is no slot
while it is further away than all steps but one. So a limit may be used up at once, and
then there is one more each step.
"""

import math
import time
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Self

from django.db import IntegrityError, OperationalError, models
from django.db.models import Case, F, Q, When
from django.utils import timezone

from django_aws_api_gateway_websockets.transactions import (
    FIRST_PAUSE_OF_STATEMENT,
    is_conflict,
    pauses,
)

from .compiled import CompiledUpdate, Parameter
from .databases import WritingQuerySet
from .exact_text import ExactCharField

SECOND = 1_000_000  # microseconds
TRIES = 3
MAX_KEY_LENGTH = 128


def microseconds_now() -> int:
    return round(timezone.now().timestamp() * SECOND)


def at(name: str) -> Parameter:
    return Parameter(name, models.BigIntegerField())


def has_slot(field: str) -> Q:
    """The rows that have a slot left."""
    return Q(**{f"{field}__lte": at("last")}) | Q(**{f"{field}__gt": at("wrong")})


def taken(field: str) -> Case:
    """The field's value after one slot was taken from a row that has one."""
    is_ahead = Q(**{f"{field}__gt": at("now"), f"{field}__lte": at("full")})
    return Case(
        When(is_ahead, then=F(field) + at("step")),
        default=at("first"),
        output_field=models.BigIntegerField(),
    )


TAKE_SLOT = CompiledUpdate(
    lambda buckets: (
        buckets.filter(has_slot("free_at"), key=Parameter("key", models.CharField())),
        {"free_at": taken("free_at")},
    )
)


@dataclass(frozen=True)
class RateLimit:
    limit: int
    window: int  # seconds

    def __post_init__(self) -> None:
        if self.limit < 1 or self.window < 1:
            raise ValueError(f"{self} limits nothing: give both at least 1")

    @property
    def step(self) -> int:
        return self.window * SECOND // self.limit

    def at(self, now: int) -> dict[str, int]:
        """What `has_slot` and `taken` need to know at a moment."""
        full = now + self.step * self.limit
        return {
            "now": now,
            "step": self.step,
            "first": now + self.step,
            "last": full - self.step,
            "full": full,
            # A time that no clock in agreement with this one can have written comes
            # from one that was wrong, and would lock its key out for as long as it was.
            "wrong": full + self.window * SECOND,
        }

    def __str__(self) -> str:
        return f"{self.limit} in {self.window} s"

    def has_slot_at(self, free_at: int, now: int) -> bool:
        """What `has_slot` asks of a row."""
        moments = self.at(now)
        return not moments["last"] < free_at <= moments["wrong"]

    def seconds_to_wait(self, free_at: int, now: int) -> int:
        """Until there is a slot: 0 if there is one, whole seconds otherwise."""
        return max(
            0, math.ceil((free_at - self.step * (self.limit - 1) - now) / SECOND)
        )


# A row has a slot whatever stands there, and all are free again.
NO_LIMIT = {
    "now": 0,
    "step": 0,
    "first": 0,
    "last": 2**62,
    "full": 0,
    "wrong": 2**62,
}


class RateLimitBucketQuerySet(WritingQuerySet["RateLimitBucket"]):
    def take_slot(self, name: str, limit: RateLimit) -> int:
        """Take a slot and return 0, or return the seconds until there is one.

        Whoever meets others at the same key in each of three tries gets none.
        """
        rows = self.for_write()
        key = f"{limit.limit}/{limit.window} {name}"
        if len(key) > MAX_KEY_LENGTH:
            key = sha256(key.encode()).hexdigest()
        for pause in islice(pauses(FIRST_PAUSE_OF_STATEMENT), TRIES):
            try:
                if (seconds := rows.try_to_take_slot(key, limit)) is not None:
                    return seconds
            except IntegrityError:
                pass  # another one has made the row
            except OperationalError as error:
                if not is_conflict(error):
                    raise
            time.sleep(pause)
        return math.ceil(limit.step / SECOND)

    def try_to_take_slot(self, key: str, limit: RateLimit) -> int | None:
        """As `take_slot`; None where another one was faster."""
        now = microseconds_now()
        if TAKE_SLOT.execute(self.model, self.db, key=key, **limit.at(now)):
            return 0
        free_at = self.filter(key=key).values_list("free_at", flat=True).first()
        if free_at is None:
            self.create(key=key, free_at=now + limit.step)
            return 0
        return limit.seconds_to_wait(free_at, now) or None

    def free(self) -> Self:
        """The rows that say nothing any more: all their slots are free."""
        return self.for_write().filter(free_at__lt=microseconds_now())


class RateLimitBucket(models.Model):
    """How much of a limit is used up by one address, one user, or whatever it is for."""

    key = ExactCharField(max_length=MAX_KEY_LENGTH, primary_key=True)
    free_at = models.BigIntegerField(help_text="In microseconds since 1970.")

    objects = RateLimitBucketQuerySet.as_manager()

    def __str__(self) -> str:
        return self.key
