"""May this client connect? The policy is the tuple `CHECKS`, in its order."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest

from .client_address import forwarded_address, limited_address
from .conf import conf
from .events import GatewayEvent
from .exceptions import (
    AlreadyConnected,
    HostNotInOrigin,
    InvalidChannel,
    InvalidConnectionId,
    InvalidRequestHeaders,
    InvalidSession,
    InvalidToken,
    MissingHeaders,
    NotPermitted,
    OwnCheckFailed,
    TooManyAttempts,
    UnexpectedUserAgent,
)
from .keyed_hashes import keyed_hash
from .logins import login_key, login_keys
from .models import ApiGateway, RateLimit, RateLimitBucket, WebSocketSession
from .models import WebSocketToken as Token
from .models.known_gateways import known_gateways
from .models.sessions import auth_hash_of
from .origins import Origin, allowed_origins


class AdmittingView(Protocol):
    """What the checks ask of a view, which has it from its class."""

    CHANNEL_NAME_PATTERN: re.Pattern[str] | str
    MAX_CHANNEL_NAME_LENGTH: int
    USE_WS_TOKEN: bool
    RATE_LIMIT_ENABLED: bool
    RATE_LIMIT_MAX_ATTEMPTS: int
    RATE_LIMIT_WINDOW_MINUTES: int
    CHECK_CONNECT_USERAGENT: bool
    CHECK_PERMISSIONS_ON_CONNECT: bool
    expected_useragent_prefix: str
    required_connection_headers: str | Iterable[str]

    def has_required_permissions(self, request: HttpRequest) -> bool: ...

    def can_join_channel(self, request: HttpRequest, channel_name: str) -> bool: ...

    def _additional_connection_checks(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> tuple[bool, str]: ...


@dataclass
class ConnectionAttempt:
    """What the checks look at, and what they find out."""

    event: GatewayEvent
    request: HttpRequest
    view: AdmittingView
    token_values: list[str]
    """The `ws_token`s of the query, which are not in the request any more."""

    gateway: ApiGateway | None = None
    channel_name: str = ""
    token: Token | None = None
    user: Any = None
    """Who connects; None is anybody."""

    login_hash: str = ""
    auth_hash: str = ""

    @property
    def has_session_cookie(self) -> bool:
        return settings.SESSION_COOKIE_NAME in self.request.COOKIES


Check = Callable[[ConnectionAttempt], None]


def gateway_is_known(attempt: ConnectionAttempt) -> None:
    attempt.gateway = find_gateway(attempt.event)


def address_has_attempts_left(attempt: ConnectionAttempt) -> None:
    address = client_address(attempt)
    if address is not None:
        take_attempt(attempt, f"connect {address}")


def required_headers_are_there(attempt: ConnectionAttempt) -> None:
    required = attempt.view.required_connection_headers
    names = (required,) if isinstance(required, str) else tuple(required)
    if missing := [name for name in names if name not in attempt.request.headers]:
        raise MissingHeaders(missing)


def user_agent_is_expected(attempt: ConnectionAttempt) -> None:
    # API Gateway passes a client's own User-Agent on, and names itself if there is none.
    if attempt.view.CHECK_CONNECT_USERAGENT:
        require_user_agent(attempt.request, attempt.view.expected_useragent_prefix)


def connection_id_is_well_formed(attempt: ConnectionAttempt) -> None:
    attempt.event.require_well_formed_connection_id()


def host_is_allowed(attempt: ConnectionAttempt) -> None:
    try:
        attempt.request.get_host()
    except DisallowedHost:
        raise HostNotInOrigin("the request's host is not in ALLOWED_HOSTS") from None


def origin_is_allowed(attempt: ConnectionAttempt) -> None:
    # No Origin is no browser: a page of another site cannot leave it out.
    if (header := attempt.request.headers.get("Origin")) is None:
        return
    origin = Origin.parse(header)
    if origin is None or not any(
        origin.is_covered_by(allowed) for allowed in allowed_origins(attempt.request)
    ):
        raise HostNotInOrigin(f"{header[:100]!r} is none of the allowed origins")


def channel_is_well_formed(attempt: ConnectionAttempt) -> None:
    names = attempt.request.GET.getlist("channel")
    if len(names) > 1:
        raise InvalidChannel("there is more than one channel")
    if not names and attempt.gateway is not None:
        names = [attempt.gateway.default_channel_name]
    attempt.channel_name = well_formed_channel_name(attempt.view, *names)


def session_cookie_is_there(attempt: ConnectionAttempt) -> None:
    needed = attempt.view.USE_WS_TOKEN and conf.require_session_cookie
    if needed and not attempt.has_session_cookie:
        raise InvalidSession("there is no session cookie")


def token_is_valid(attempt: ConnectionAttempt) -> None:
    if not attempt.view.USE_WS_TOKEN:
        return
    if len(attempt.token_values) != 1:
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
    session = getattr(attempt.request, "session", None)
    if session is None or not attempt.token.belongs_to(login_keys(session)):
        raise InvalidSession("the session cookie belongs to another login")


def cookie_is_of_a_login(attempt: ConnectionAttempt) -> None:
    """Where no token is asked for, whoever has logged in is known by the cookie."""
    if attempt.view.USE_WS_TOKEN or not attempt.has_session_cookie:
        return
    user = getattr(attempt.request, "user", None)
    if user is None or not user.is_authenticated or not user.is_active:
        return
    if attempt.request.headers.get("Origin") is None:
        raise HostNotInOrigin(
            "the cookie alone tells who it is, and there is no Origin"
        )
    attempt.user = user
    attempt.login_hash = keyed_hash(login_key(attempt.request.session))
    attempt.auth_hash = auth_hash_of(user)


def user_has_attempts_left(attempt: ConnectionAttempt) -> None:
    if attempt.user is not None:
        take_attempt(attempt, f"connect-user {attempt.user.pk}")


def token_is_used_up(attempt: ConnectionAttempt) -> None:
    if attempt.token is None or attempt.token.consume(attempt.event.connection_id):
        return
    rows = WebSocketSession.objects.filter(connection_id=attempt.event.connection_id)
    if rows.exists():
        raise InvalidConnectionId("the connection id is taken")
    raise InvalidToken("used at the same moment")


def user_is_permitted(attempt: ConnectionAttempt) -> None:
    attempt.request.user = attempt.user or AnonymousUser()
    if not attempt.view.CHECK_PERMISSIONS_ON_CONNECT:
        return
    if not attempt.view.has_required_permissions(attempt.request):
        raise NotPermitted("the user lacks the permissions of the view")


def channel_can_be_joined(attempt: ConnectionAttempt) -> None:
    name = attempt.channel_name
    if not attempt.view.can_join_channel(attempt.request, name):
        raise NotPermitted(f"the user may not join {name}")


def own_checks_pass(attempt: ConnectionAttempt) -> None:
    passed, text = attempt.view._additional_connection_checks(attempt.request)
    if not passed:
        raise OwnCheckFailed(text)


CHECKS: tuple[Check, ...] = (
    gateway_is_known,
    address_has_attempts_left,
    required_headers_are_there,
    user_agent_is_expected,
    connection_id_is_well_formed,
    host_is_allowed,
    origin_is_allowed,
    channel_is_well_formed,
    session_cookie_is_there,
    token_is_valid,
    session_cookie_belongs_to_token,
    cookie_is_of_a_login,
    user_has_attempts_left,
    token_is_used_up,
    user_is_permitted,
    channel_can_be_joined,
    own_checks_pass,
)


def find_gateway(event: GatewayEvent) -> ApiGateway:
    gateway = known_gateways.find(event.api_id)
    if gateway is None:
        raise InvalidRequestHeaders(
            f"no gateway has the API id {event.api_id[:64]!r}: migrate, "
            "or add it in the admin"
        )
    return gateway


def client_address(attempt: ConnectionAttempt) -> str | None:
    """None where nobody can tell: then there is no limit by address."""
    headers = attempt.request.headers
    if proxies := conf.trusted_proxy_count:
        # Then nothing else is believed: of a gateway that does not map the other
        # header, it would be the client's own.
        header = headers.get("X-Forwarded-For", "")
        address = forwarded_address(header, trusted_proxies=proxies)
    elif not (address := headers.get("X-Ws-Source-Ip", "")):
        return None
    if (limited := limited_address(address)) is None:
        raise InvalidRequestHeaders(f"{address[:64]!r} is no address")
    return limited


def take_attempt(attempt: ConnectionAttempt, name: str) -> None:
    view = attempt.view
    if not view.RATE_LIMIT_ENABLED:
        return
    minutes = view.RATE_LIMIT_WINDOW_MINUTES or conf.rate_limit_window_minutes
    limit = RateLimit(
        limit=view.RATE_LIMIT_MAX_ATTEMPTS or conf.rate_limit_max_attempts,
        window=minutes * 60,
    )
    if seconds := RateLimitBucket.objects.take_slot(name, limit):
        raise TooManyAttempts(f"{name}: {limit}", retry_after=seconds)


def require_user_agent(request: HttpRequest, prefix: str) -> None:
    if not request.headers.get("User-Agent", "").startswith(prefix):
        raise UnexpectedUserAgent(f"the User-Agent does not begin with {prefix}")


def well_formed_channel_name(view: AdmittingView, name: object = "") -> str:
    if not isinstance(name, str) or not 0 < len(name) <= view.MAX_CHANNEL_NAME_LENGTH:
        raise InvalidChannel("the channel's name is empty, too long, or no text")
    if not re.fullmatch(view.CHANNEL_NAME_PATTERN, name):
        raise InvalidChannel("the channel's name holds other characters")
    return name


def require_repetition(event: GatewayEvent, token: Token) -> None:
    """A used token is fine for the connection that it has opened, and no other."""
    if token.connection_id != event.connection_id:
        raise InvalidToken("used")
    rows = WebSocketSession.objects.filter(connection_id=event.connection_id)
    if rows.filter(connected=True).exists():
        raise AlreadyConnected(event.connection_id)
    raise InvalidConnectionId("the connection has ended, or has never been made")
