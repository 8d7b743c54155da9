"""People who are logged in, and the tokens that open their sockets."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from django_aws_api_gateway_websockets.logins import login_key
from django_aws_api_gateway_websockets.models import WebSocketToken
from tests.gateway import ALICE, Gateway

KNOWN_OTHERWISE = f"{__name__}.known_otherwise"


def user_named(name: str = "alice") -> User:
    """The user of this name, with the password `secret`."""
    found = User.objects.filter(username=name).first()
    return found or User.objects.create_user(name, password="secret")


def logged_in(user: User | None = None) -> Client:
    """A browser in which this user, or alice, has logged in."""
    client = Client(raise_request_exception=False)
    client.force_login(user or user_named())
    return client


def known_otherwise(get_response: Any) -> Any:
    """A middleware that knows alice without a session, by a header perhaps."""

    def middleware(request: Any) -> Any:
        request.user = user_named()
        return get_response(request)

    return middleware


def cookie_of(client: Client) -> str:
    """The header with the session cookie, as a browser sends it in a handshake."""
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"


def token_for(user: User | None = None, client: Client | None = None) -> str:
    """A token of this user, or alice; of the login in this client, if there is one."""
    key = None if client is None else login_key(client.session)
    token: str = WebSocketToken.generate_token(user or user_named(), key).token
    return token


def connect_with_token(
    gateway: Gateway,
    connection_id: str = ALICE,
    *,
    user: User | None = None,
    token: str | None = None,
    channel: str = "lobby",
    **headers: Any,
):
    """Connect as this user, or alice, with this token, or a new one."""
    query = {"channel": channel, "ws_token": token or token_for(user)}
    return gateway.connect(connection_id, query=urlencode(query), **headers)
