"""Sessions end: each end is written, and told, once."""

import logging
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import Error, transaction
from django.db.models import Case, F, Value, When
from django.dispatch import Signal
from django.utils import timezone

from django_aws_api_gateway_websockets import signals
from django_aws_api_gateway_websockets.transactions import repeat_on_conflict

from .batches import chunks
from .closed_reasons import IS_OPEN_OR_GONE, ClosedReason
from .databases import WritingQuerySet
from .pages import rows_of

if TYPE_CHECKING:
    from .session_queryset import WebSocketSessionQuerySet
    from .sessions import WebSocketSession  # noqa: F401 - named in quotes below


logger = logging.getLogger("django_aws_api_gateway_websockets.models")

# Begins when all have the message; whoever sent it may have 29 seconds for all of it.
LONGEST_CLOSING = 3.0  # seconds, and what one statement takes


class ClosingQuerySet(WritingQuerySet["WebSocketSession"]):
    @property
    def all_rows(self) -> "WebSocketSessionQuerySet":
        """Where these rows are written, without a filter of this queryset."""
        return self.model.objects.using(self.write_alias)

    def close_as_gone(self, pks: Sequence[int]) -> int:
        """Close those who have gone; returned is how many were open until this call.

        What fails is logged: they are found gone again.
        """
        deadline = time.monotonic() + LONGEST_CLOSING
        looked_at = closed = 0
        try:
            for batch in chunks(pks):
                if time.monotonic() >= deadline:
                    break
                rows = self.filter(pk__in=batch, connected=True)
                closed += rows.close_and_tell(ClosedReason.GONE)
                looked_at += len(batch)
        except Error as error:  # a lost connection is no DatabaseError
            logger.warning("Sessions that have gone cannot be closed: %s", error)
        if left := len(pks) - looked_at:
            logger.warning("%s sessions that have gone stay open", left)
        return closed

    def close_and_tell(self, reason: ClosedReason) -> int:
        """Close all of these rows, which are open; they are read if somebody listens."""
        if not signal_of(reason).has_listeners(self.model):
            return self.close(reason)
        pks = list(self.values_list("pk", flat=True))
        rows = self.all_rows.filter(connected=True).close_these(pks, reason)
        if rows:
            self.tell_of([row.connection_id for row in rows], reason)
        return len(rows)

    def close_these(self, pks: Sequence[int], reason: ClosedReason) -> list[Any]:
        """Close these; returned are the rows that were open until this call."""
        ours: list[Any] = []
        for batch in chunks(pks):
            # Others may close some of them meanwhile: the time tells which are ours,
            # and those that were gone keep theirs.
            now = timezone.now()
            open_now = When(connected=True, then=Value(now))
            rows = self.filter(IS_OPEN_OR_GONE, pk__in=batch)
            if rows.close(reason, closed_on=Case(open_now, default=F("closed_on"))):
                closed_now = self.all_rows.filter(
                    pk__in=batch, closed_reason=reason, closed_on=now
                )
                ours += rows_of(closed_now)
        return ours

    def close(self, reason: ClosedReason, *, closed_on: Case | None = None) -> int:
        """Close all of these rows in one statement."""
        now = timezone.now()
        columns = closed(reason, now, closed_on=closed_on or now)
        return repeat_on_conflict(
            lambda: self.update(**columns), using=self.write_alias
        )

    def tell_of(self, connection_ids: Sequence[str], reason: ClosedReason) -> None:
        """Send the signal, once it is certain."""
        transaction.on_commit(
            lambda: signal_of(reason).send_robust(
                self.model, connection_ids=connection_ids, reason=reason
            ),
            using=self.write_alias,
            robust=True,
        )


def closed(reason: ClosedReason, now: Any, *, closed_on: Any = None) -> dict[str, Any]:
    """The columns of a row that is closed now."""
    # The time comes first: MariaDB sets the columns one after the other.
    return {
        "closed_on": closed_on or now,
        "connected": False,
        "closed_reason": reason.value,
        "updated_on": now,
    }


def signal_of(reason: ClosedReason) -> Signal:
    return signals.gone if reason is ClosedReason.GONE else signals.disconnected
