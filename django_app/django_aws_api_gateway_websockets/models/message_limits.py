"""How many messages a client may send, and what comes of it if it sends more."""

from enum import Enum
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case, F, Value, When

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.transactions import repeat_on_conflict

from .rate_limits import SECOND, RateLimit, microseconds_now

ONCE_A_SECOND = 1 * SECOND
# More than the second between two error frames: who is told each second does not pause.
PAUSE = 3 * SECOND
LONGEST_ABUSE = 10 * SECOND


class Excess(Enum):
    """What to do about a message over the limit."""

    DROP = "drop"
    """The client was told less than a second ago."""

    TELL = "tell"
    """It gets one `error` frame."""

    HANG_UP = "hang up"
    """It has gone on for ten seconds."""


def message_limit() -> RateLimit | None:
    per_minute = conf.message_rate_limit_per_minute
    return RateLimit(per_minute, 60) if per_minute else None


class LimitedMessages(models.Model):
    """The columns of a session that its messages are counted by, in microseconds."""

    messages_free_at = models.BigIntegerField(default=0, db_default=0, editable=False)
    excess_since = models.BigIntegerField(default=0, db_default=0, editable=False)
    excess_told_at = models.BigIntegerField(default=0, db_default=0, editable=False)

    class Meta:
        abstract = True

    if TYPE_CHECKING:

        @property
        def write_alias(self) -> str: ...

    def note_excess(self) -> Excess:
        """One statement decides who of those that ask at once tells the client."""
        now = microseconds_now()
        if now - ONCE_A_SECOND < self.excess_told_at <= now:
            return Excess.DROP
        rows = type(self)._default_manager.using(self.write_alias).filter(pk=self.pk)
        may_tell = rows.exclude(
            excess_told_at__gt=now - ONCE_A_SECOND, excess_told_at__lte=now
        )
        goes_on = When(
            excess_told_at__gt=now - PAUSE,
            excess_told_at__lte=now,
            then=F("excess_since"),
        )
        # In this order: MariaDB sets the columns one after the other, and the first
        # one needs what stands in the second.
        columns = {
            "excess_since": Case(goes_on, default=Value(now)),
            "excess_told_at": now,
        }
        if not repeat_on_conflict(
            lambda: may_tell.update(**columns), using=self.write_alias
        ):
            return Excess.DROP
        went_on = now - PAUSE < self.excess_told_at <= now
        if went_on and now - self.excess_since >= LONGEST_ABUSE:
            return Excess.HANG_UP
        return Excess.TELL
