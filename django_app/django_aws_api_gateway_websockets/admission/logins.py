"""Who is it? A token tells, or where none is asked for, the cookie of a login."""

from typing import NoReturn

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.events import GatewayEvent
from django_aws_api_gateway_websockets.exceptions import (
    AlreadyConnected,
    HostNotInOrigin,
    InvalidConnectionId,
    InvalidSession,
    InvalidToken,
)
from django_aws_api_gateway_websockets.keyed_hashes import keyed_hash
from django_aws_api_gateway_websockets.logins import is_there, login_key, login_keys
from django_aws_api_gateway_websockets.models import ClosedReason, WebSocketSession
from django_aws_api_gateway_websockets.models import WebSocketToken as Token
from django_aws_api_gateway_websockets.models.sessions import auth_hash_of
from django_aws_api_gateway_websockets.request_headers import RequestHeaders

from .attempt import ConnectionAttempt


def session_cookie_is_there(attempt: ConnectionAttempt) -> None:
    needed = attempt.view.USE_WS_TOKEN and conf.require_session_cookie
    if needed and not attempt.has_session_cookie:
        raise InvalidSession("there is no session cookie")


def token_is_valid(attempt: ConnectionAttempt) -> None:
    if not attempt.view.USE_WS_TOKEN:
        return
    if not attempt.token_values:
        raise InvalidToken(
            "the address has no ws_token, and "
            f"{type(attempt.view).__name__} does not say USE_WS_TOKEN = False"
        )
    if len(attempt.token_values) > 1:
        raise InvalidToken(f"there are {len(attempt.token_values)} tokens")
    token = Token.objects.find(
        attempt.token_values[0], max_age_seconds=conf.token_expiry_seconds
    )
    if token is None:
        raise InvalidToken("unknown, too old, or its user is not active")
    if token.used:
        require_repetition(attempt.event, token)
    attempt.token = token
    attempt.user = token.user
    attempt.login_hash, attempt.auth_hash = token.session_key, token.auth_hash


def session_cookie_belongs_to_token(attempt: ConnectionAttempt) -> None:
    if attempt.token is None or not attempt.has_session_cookie:
        return
    if conf.require_session_cookie and not attempt.token.session_key:
        raise InvalidSession("the token was made for no session, so no cookie fits")
    session = getattr(attempt.request, "session", None)
    if session is None or not attempt.token.belongs_to(login_keys(session)):
        raise InvalidSession("the session cookie belongs to another login")


def cookie_is_of_a_login(attempt: ConnectionAttempt) -> None:
    """Where no token is asked for, whoever has logged in is known by the cookie."""
    if attempt.view.USE_WS_TOKEN or not attempt.has_session_cookie:
        return
    user = attempt.user_of_request
    if user is None or not user.is_authenticated or not user.is_active:
        return
    if RequestHeaders(attempt.request).get("Origin") is None:
        raise HostNotInOrigin(
            "the cookie alone tells who it is, and there is no Origin"
        )
    attempt.user = user
    key = login_key(getattr(attempt.request, "session", None))
    attempt.login_hash = keyed_hash(key) if key else ""
    attempt.auth_hash = auth_hash_of(user)


def token_is_used_up(attempt: ConnectionAttempt) -> None:
    if attempt.token is None or attempt.token.consume(attempt.event.connection_id):
        return
    # Another attempt came first: with this token, or with this connection id.
    token = Token.objects.for_write().filter(pk=attempt.token.pk).first()
    if token is None or token.used:
        require_repetition(attempt.event, token or attempt.token)
    raise InvalidConnectionId("the connection id is taken")


def require_repetition(event: GatewayEvent, token: Token) -> NoReturn:
    """A used token is fine for the connection that it has opened, and no other."""
    if token.connection_id != event.connection_id:
        raise InvalidToken("used")
    session = WebSocketSession.objects.of_connection(event.connection_id)
    if session is not None and session.connected:
        raise AlreadyConnected(session)
    raise InvalidConnectionId("the connection has ended, or has never been made")


def require_login_by_cookie(
    attempt: ConnectionAttempt, session: WebSocketSession
) -> None:
    """A login that ended before there was the row has not closed it. Tokens see to that."""
    if attempt.user is None or attempt.token is not None:
        return
    session.refresh_user()
    reason = session.ended_login
    # Whoever is known by other means than a session has none that could be deleted.
    in_session = reason is None and attempt.login_hash
    if in_session and not is_there(getattr(attempt.request, "session", None)):
        reason = ClosedReason.LOGOUT
    if reason:
        session.disconnect(reason)
        raise InvalidSession(f"the login has ended meanwhile: {reason.value}")
