"""Logins may end without a signal of Django's: here their sockets are found and closed.

That is so when a user is changed by `update()`, or a session deleted from its table.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.utils import timezone

from .keyed_hashes import keyed_hashes
from .models import ClosedReason, WebSocketSession
from .models.batches import Batch, chunks, pks_in_batches, tried
from .models.databases import read_users, with_user
from .models.django_sessions import session_rows


class Ended(NamedTuple):
    """Open sessions of such logins, by their primary keys."""

    pks: Sequence[Any]
    reason: ClosedReason
    reconnect: bool | None = None


def close_ended_logins() -> Iterator[Batch]:
    """Hang up on the sessions of such logins."""
    for ended in ended_logins():
        sessions = open_sessions().filter(pk__in=ended.pks)

        def hang_up(sessions: Any = sessions, ended: Ended = ended) -> int:
            closed: int = sessions.disconnect(ended.reason, reconnect=ended.reconnect)
            return closed

        yield tried(hang_up, using=sessions.db)


def count_ended_logins() -> int:
    return sum(len(ended.pks) for ended in ended_logins())


def ended_logins() -> Iterator[Ended]:
    by_login: dict[str, list[Any]] = defaultdict(list)
    for pks in pks_in_batches(open_sessions().filter(user__isnull=False)):
        # By keys alone: the condition would leave out users that are not there.
        sessions = list(with_user(open_sessions().filter(pk__in=pks)))
        read_users(sessions)
        by_reason = defaultdict(list)
        for session in sessions:
            if reason := session.ended_login:
                by_reason[reason].append(session.pk)
            elif session.session_key_hash:
                by_login[session.session_key_hash].append(session.pk)
        for reason, ended in by_reason.items():
            yield Ended(ended, reason)
    yield from without_django_session(by_login)


def without_django_session(by_login: dict[str, list[Any]]) -> Iterator[Ended]:
    """Those whose Django session is not there; only a table can be looked through."""
    if not by_login or (rows := session_rows()) is None:
        return
    for keys in pks_in_batches(rows.filter(expire_date__gt=timezone.now())):
        for key in keys:
            for each in keyed_hashes(key):
                by_login.pop(each, None)
    pks = [pk for each in by_login.values() for pk in each]
    for batch in chunks(pks):
        # `cycle_key` gives a login another session: then it comes back with a new token.
        yield Ended(batch, ClosedReason.LOGOUT, reconnect=True)


def open_sessions() -> Any:
    return WebSocketSession.objects.filter(connected=True).for_write()
