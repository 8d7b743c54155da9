"""What the checks of a `$connect` look at."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from django_aws_api_gateway_websockets.events import GatewayEvent
from django_aws_api_gateway_websockets.models import ApiGateway, WebSocketToken

from .permission_hooks import PermissionHooks


class AdmittingView(PermissionHooks):
    """What a view declares about the clients that it admits."""

    CHANNEL_NAME_PATTERN: re.Pattern[str] | str = re.compile(r"[A-Za-z0-9_-]+")
    MAX_CHANNEL_NAME_LENGTH: int = 128
    USE_WS_TOKEN: bool = True
    RATE_LIMIT_ENABLED: bool = True
    RATE_LIMIT_MAX_ATTEMPTS: int = 0  # 0: as the settings say
    RATE_LIMIT_WINDOW_MINUTES: int = 0  # 0: as the settings say
    CHECK_CONNECT_USERAGENT: bool = False
    CHECK_PERMISSIONS_ON_CONNECT: bool = False
    expected_useragent_prefix: str = "AmazonAPIGateway_"
    required_connection_headers: str | Iterable[str] = ()

    def _additional_connection_checks(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> tuple[bool, str]:
        """Override to refuse clients for reasons of your own, in words for them."""
        return True, ""


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
    token: WebSocketToken | None = None
    login_hash: str = ""
    auth_hash: str = ""

    def __post_init__(self) -> None:
        self.user_of_request = getattr(self.request, "user", None)
        self.user = None

    @property
    def user(self) -> Any:
        """Who connects; None is anybody. Hooks are asked about `request.user`."""
        return self._user

    @user.setter
    def user(self, user: Any) -> None:
        self._user = user
        self.request.user = AnonymousUser() if user is None else user

    @property
    def has_session_cookie(self) -> bool:
        # One with a NUL, which PostgreSQL cannot even look for, is nobody's.
        cookie = self.request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        return cookie is not None and "\0" not in cookie
