"""The key of a login: what a token, its socket and the log-out have in common."""

import secrets
from collections.abc import Sequence

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import signed_cookies
from django.contrib.sessions.backends.base import SessionBase
from django.db import DEFAULT_DB_ALIAS, router

KEYS = "_websocket_logins"
MOST_KEYS = 10


def login_key(session: SessionBase | None) -> str | None:
    """The key of the login in this session, which keeps it from now on.

    None where there is no such login: then the user is known by other means.
    """
    if session is None or SESSION_KEY not in session:
        return None
    keys: list[str] = session.get(KEYS, [])
    key = current_key(session, keys)
    if key not in keys:
        session[KEYS] = [*keys, key][-MOST_KEYS:]
    return key


def current_key(session: SessionBase, keys: Sequence[str]) -> str:
    # With a table of sessions it is the session's own key, by which the clean-up sees
    # whether the session is still there. In cookies a session has another key each
    # time it is saved.
    if hasattr(session, "get_model_class") and session.session_key:
        return session.session_key
    return keys[-1] if keys else secrets.token_hex(16)


def login_keys(session: SessionBase) -> set[str]:
    """All keys that this login has had: `cycle_key` changes a session's, not the login."""
    keys = {*session.get(KEYS, []), session.session_key}
    return {key for key in keys if key}


def is_there(session: SessionBase | None) -> bool:
    """Has nobody deleted it? Of one that is in a cookie nobody can tell."""
    if session is None or is_in_cookie(session):
        return True
    return bool(session.session_key and session.exists(session.session_key))


def delete_stored(session: SessionBase) -> None:
    """From now on `is_there` says no, to everybody; what is in memory stays."""
    if session.session_key and not is_in_cookie(session):
        session.delete(session.session_key)


def is_in_cookie(session: SessionBase) -> bool:
    return isinstance(session, signed_cookies.SessionStore)


def session_database(session: SessionBase) -> str:
    """Where it is stored, or the database that a request's transaction is likely in."""
    if hasattr(session, "get_model_class"):
        return router.db_for_write(session.get_model_class())
    return DEFAULT_DB_ALIAS
