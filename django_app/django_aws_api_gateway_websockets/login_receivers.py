"""A login begins or ends: its sockets and tokens end with it."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest

from .keyed_hashes import keyed_hashes
from .logins import delete_stored, login_key, login_keys, session_database
from .models import ClosedReason, WebSocketSession, WebSocketToken
from .models.closed_reasons import IS_OPEN_OR_GONE
from .models.sessions import auth_hashes_of

COLUMNS = {"is_active", "password"}


def keep_login_key(request: HttpRequest | None, **_signal: Any) -> None:
    """Now the session is saved anyway, and later it would be for this alone."""
    session = getattr(request, "session", None)
    if session is not None:
        login_key(session)


def end_login(request: HttpRequest | None, **_signal: Any) -> None:
    session = getattr(request, "session", None)
    if session is None or not (keys := login_keys(session)):
        return
    # Django would delete it after this signal, and a connect could come in between.
    delete_stored(session)
    # Until the commit a connect sees the login as before.
    transaction.on_commit(
        lambda: end_login_of(keys), using=session_database(session), robust=True
    )


def end_login_of(keys: set[str]) -> None:
    hashes = [each for key in keys for each in keyed_hashes(key)]
    reason = ClosedReason.LOGOUT
    # Tokens first: then no connect that is under way can still make a session.
    WebSocketToken.objects.filter(session_key__in=hashes).revoke(reason)
    open_rows(session_key_hash__in=hashes).disconnect(reason)


def end_logins_of_changed_user(
    instance: Any,
    *,
    created: bool,
    using: str,
    update_fields: Any = None,
    **_signal: Any,
) -> None:
    """The user was deactivated, or has another password."""
    if created or (update_fields is not None and not COLUMNS & set(update_fields)):
        return
    # Until the commit a connect sees the user as before.
    transaction.on_commit(lambda: end_logins_of(instance), using=using, robust=True)


def end_logins_of(user: Any) -> None:
    tokens, sessions = (
        WebSocketToken.objects.filter(user=user.pk),
        open_rows(user=user.pk),
    )
    if user.is_active:
        hashes = ["", *auth_hashes_of(user)]
        tokens = tokens.exclude(auth_hash__in=hashes)
        sessions = sessions.exclude(auth_hash__in=hashes)
    reason = ClosedReason.PASSWORD if user.is_active else ClosedReason.DEACTIVATED
    tokens.revoke(reason)
    sessions.disconnect(reason)


def end_logins_of_deleted_user(instance: Any, **_signal: Any) -> None:
    open_rows(user=instance.pk).disconnect(ClosedReason.DEACTIVATED)


def open_rows(**condition: Any) -> Any:
    rows = WebSocketSession.objects.filter(IS_OPEN_OR_GONE, **condition)
    return rows.for_write()
