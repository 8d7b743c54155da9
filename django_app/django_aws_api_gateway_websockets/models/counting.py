"""A message is counted by one UPDATE, which also decides whether there is a slot for it."""

from enum import Enum
from typing import Any

from django.db import models
from django.db.models import F, Q

from .closed_reasons import ClosedReason
from .compiled import CompiledUpdate, Parameter
from .rate_limits import has_slot, taken


class Counted(Enum):
    """What became of a message that should be counted."""

    COUNTED = "counted"
    """The session is open and has a slot."""

    REOPENED = "reopened"
    """It was taken for gone, and this message has proved that it is not."""

    TOO_MANY = "too many"
    """It is open, or gone, and has no slot."""

    CLOSED = "closed"
    """It has ended, or its row is not there any more."""


IS_OPEN = Q(connected=True)
IS_GONE = Q(closed_reason=ClosedReason.GONE)


def counting(state: Q) -> CompiledUpdate:
    def build(sessions: models.QuerySet[Any]) -> tuple[models.QuerySet[Any], Any]:
        key = Parameter("pk", models.BigIntegerField())
        return sessions.filter(state, has_slot("messages_free_at"), pk=key), {
            "request_count": F("request_count") + 1,
            "connected": True,
            "closed_reason": "",
            "closed_on": None,
            "updated_on": Parameter("updated_on", models.DateTimeField()),
            "messages_free_at": taken("messages_free_at"),
        }

    return CompiledUpdate(build)


COUNT = counting(IS_OPEN)
REOPEN = counting(IS_GONE)  # whoever changes the row knows that it has opened it


def count(model: type[models.Model], using: str, *, pk: int, **values: Any) -> Counted:
    if COUNT.execute(model, using, pk=pk, **values):
        return Counted.COUNTED
    sessions = model._default_manager.using(using)
    state = sessions.filter(pk=pk).values_list("connected", "closed_reason").first()
    if state is None:
        return Counted.CLOSED
    connected, closed_reason = state
    if not connected and closed_reason != ClosedReason.GONE:
        return Counted.CLOSED
    if not connected and REOPEN.execute(model, using, pk=pk, **values):
        return Counted.REOPENED
    # It has no slot, or another message has reopened it meanwhile.
    if COUNT.execute(model, using, pk=pk, **values):
        return Counted.COUNTED
    return Counted.TOO_MANY
