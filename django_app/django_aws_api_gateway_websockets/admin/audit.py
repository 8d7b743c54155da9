"""Who has sent what to whom, in the admin's own history."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import router, transaction
from django.db.models import QuerySet
from django.utils.text import Truncator

from django_aws_api_gateway_websockets.messaging.encoding import encode
from django_aws_api_gateway_websockets.models import WebSocketSession
from django_aws_api_gateway_websockets.models.session_queryset import (
    WebSocketSessionQuerySet,
)

from .large_tables import MOST_COUNTED, count_some

MOST_NAMED = 100  # a page of the list
MOST_LETTERS = 500


class Selection(NamedTuple):
    """The sessions that somebody has selected."""

    rows: WebSocketSessionQuerySet
    counted: int

    @classmethod
    def of(cls, rows: WebSocketSessionQuerySet) -> "Selection":
        return cls(rows, count_some(rows))

    @property
    def is_counted(self) -> bool:
        return self.counted <= MOST_COUNTED

    @property
    def is_named(self) -> bool:
        """Does each of them get an entry of its own?"""
        return self.counted <= MOST_NAMED

    @property
    def as_open(self) -> str:
        if not self.counted:
            return "none of them is open"
        number = "1 is" if self.counted == 1 else f"{self.counted:,} are"
        return f"{number} open" if self.is_counted else f"{self} are open"

    def __str__(self) -> str:
        if not self.is_counted:
            return f"more than {MOST_COUNTED:,} sessions"
        return f"{self.counted:,} session{'s' * (self.counted != 1)}"


def entries() -> QuerySet[LogEntry]:
    """All that concern sessions, the latest first."""
    content_type = ContentType.objects.get_for_model(WebSocketSession)
    return LogEntry.objects.filter(content_type=content_type).order_by("-pk")


class Audit:
    """One action in the history: each session has an entry, or many share one.

    It is written before anything is done, so that it is there whatever happens.
    """

    def __init__(self, user: Any, selection: Selection, what: str) -> None:
        self.what = what
        named: list[WebSocketSession | None] = [None]
        if selection.is_named:
            named = list(selection.rows)
        self.database = router.db_for_write(LogEntry)
        content_type = ContentType.objects.get_for_model(WebSocketSession)
        with transaction.atomic(using=self.database):
            # One by one: not every database tells the keys of many.
            self.pks = [
                LogEntry.objects.using(self.database)
                .create(
                    user_id=user.pk,
                    content_type_id=content_type.pk,
                    object_id=str(session.pk) if session else None,
                    object_repr=str(session or selection)[:200],
                    action_flag=CHANGE,
                    change_message=f"{what}: under way",
                )
                .pk
                for session in named
            ]

    def finish(self, outcome: str) -> None:
        rows = LogEntry.objects.using(self.database).filter(pk__in=self.pks)
        rows.update(change_message=f"{self.what}: {outcome}")


def shortened(message: Mapping[str, Any]) -> str:
    return Truncator(encode(message).decode()).chars(MOST_LETTERS)
