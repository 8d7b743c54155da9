"""Logins that have ended behind Django's back, which sends no signal for these:
a user changed by `update()`, a session deleted from its table.
"""

from collections import defaultdict

from django.utils import timezone

from .keyed_hashes import keyed_hashes
from .models import ClosedReason, WebSocketSession
from .models.batches import chunks, pks_in_batches
from .models.databases import read_users, with_user
from .models.django_sessions import session_rows


def close_ended_logins() -> int:
    """Hang up on the sessions of such logins."""
    closed = 0
    by_login: dict[str, list[int]] = defaultdict(list)
    still_open = WebSocketSession.objects.filter(connected=True).for_write()
    for pks in pks_in_batches(still_open.filter(user__isnull=False)):
        # By keys alone: the condition would leave out users that are not there.
        sessions = list(with_user(still_open.filter(pk__in=pks)))
        read_users(sessions)
        ended = defaultdict(list)
        for session in sessions:
            if reason := session.ended_login:
                ended[reason].append(session.pk)
            elif session.session_key_hash:
                by_login[session.session_key_hash].append(session.pk)
        for reason, ended_pks in ended.items():
            closed += still_open.filter(pk__in=ended_pks).disconnect(reason)
    return closed + close_without_django_session(by_login)


def close_without_django_session(by_login: dict[str, list[int]]) -> int:
    """Those whose Django session is not there; only a table can be looked through."""
    if not by_login or (rows := session_rows()) is None:
        return 0
    for keys in pks_in_batches(rows.filter(expire_date__gt=timezone.now())):
        for key in keys:
            for each in keyed_hashes(key):
                by_login.pop(each, None)
    pks = [pk for each in by_login.values() for pk in each]
    # `cycle_key` gives a login another session: then it comes back with a new token.
    still_open = WebSocketSession.objects.filter(connected=True).for_write()
    return sum(
        still_open.filter(pk__in=batch).disconnect(ClosedReason.LOGOUT, reconnect=True)
        for batch in chunks(pks)
    )
