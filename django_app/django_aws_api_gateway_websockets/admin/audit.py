"""Who has sent what to whom, in the admin's own history."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import router, transaction
from django.db.models import QuerySet
from django.utils.text import Truncator

from django_aws_api_gateway_websockets.messaging.encoding import encode
from django_aws_api_gateway_websockets.models import WebSocketSession

from .selection import Selection

MOST_NAMED = 100  # a page of the list
MOST_LETTERS = 500


def entries() -> QuerySet[LogEntry]:
    """All that concern sessions, the latest first."""
    content_type = ContentType.objects.get_for_model(WebSocketSession)
    return LogEntry.objects.filter(content_type=content_type).order_by("-pk")


@dataclass(frozen=True)
class Audit:
    """One action in the history: each session has an entry, or many share one.

    It is written before anything is done, so that it is there whatever happens.
    """

    database: str
    pks: list[int]
    what: str

    @classmethod
    def begin(cls, user: Any, selection: Selection, what: str) -> "Audit":
        named: list[WebSocketSession | None] = [None]
        if selection.counted.number <= MOST_NAMED:
            named = list(selection.rows)
        database = router.db_for_write(LogEntry)
        content_type = ContentType.objects.get_for_model(WebSocketSession)
        with transaction.atomic(using=database):
            # One by one: not every database tells the keys of many.
            pks = [
                LogEntry.objects.using(database)
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
        return cls(database, pks, what)

    def finish(self, outcome: str) -> None:
        rows = LogEntry.objects.using(self.database).filter(pk__in=self.pks)
        rows.update(change_message=f"{self.what}: {outcome}")


def shortened(message: Mapping[str, Any]) -> str:
    return Truncator(encode(message).decode()).chars(MOST_LETTERS)
