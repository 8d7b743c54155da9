"""Logins that have ended behind Django's back, which sends no signal for these:
a user changed by `update()`, a session deleted from its table.
"""

from collections import defaultdict
from importlib import import_module

from django.conf import settings
from django.db import router
from django.utils import timezone

from .keyed_hashes import keyed_hashes
from .models import ClosedReason, WebSocketSession
from .models.batches import in_batches, pks_in_batches
from .models.databases import with_user


def close_ended_logins() -> int:
    """Hang up on the sessions of such logins."""
    closed = 0
    by_login: dict[str, list[int]] = defaultdict(list)
    rows = WebSocketSession.objects.filter(connected=True, user__isnull=False)
    for batch in in_batches(rows.for_write()):
        ended = defaultdict(list)
        for session in with_user(batch):
            if reason := session.ended_login:
                ended[reason].append(session.pk)
            elif session.session_key_hash:
                by_login[session.session_key_hash].append(session.pk)
        for reason, pks in ended.items():
            closed += batch.filter(pk__in=pks).disconnect(reason)
    return closed + close_without_django_session(by_login)


def close_without_django_session(by_login: dict[str, list[int]]) -> int:
    """Those whose Django session is not there; only a table can be looked through."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    if not by_login or not hasattr(store, "get_model_class"):
        return 0
    model = store.get_model_class()
    rows = model._default_manager.using(router.db_for_write(model))
    for keys in pks_in_batches(rows.filter(expire_date__gt=timezone.now())):
        for key in keys:
            for each in keyed_hashes(key):
                by_login.pop(each, None)
    pks = [pk for each in by_login.values() for pk in each]
    # `cycle_key` gives a login another session: then it comes back with a new token.
    ended = WebSocketSession.objects.filter(pk__in=pks, connected=True)
    return sum(
        batch.disconnect(ClosedReason.LOGOUT, reconnect=True)
        for batch in in_batches(ended.for_write())
    )
