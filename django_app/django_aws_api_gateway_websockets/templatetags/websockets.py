"""`{% load websockets %}`: what a page needs to open a socket."""

from typing import Any
from urllib.parse import urlsplit

from django import template
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import NoReverseMatch, reverse
from django.utils.html import json_script
from django.utils.safestring import SafeString

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.models import ApiGateway

register = template.Library()

ELEMENT_ID = "websocket"


@register.simple_tag(takes_context=True)
def websocket(
    context: template.Context,
    *,
    channel: Any = None,
    token_url: str | None = None,
    gateway: str | None = None,
) -> SafeString:
    """Write a `<script id="websocket" type="application/json">`, which runs nothing.

    In it are `socketUrl`, and, of what is asked for, `channel` and `tokenUrl`:
    `{% websocket channel="lobby" token_url="name-of-a-url" %}`. A project with several
    gateways names one: `gateway="its name"`.
    """
    settings = {"socketUrl": socket_url(gateway)}
    if channel is not None:
        settings["channel"] = channel_name(channel)
    if token_url is not None:
        request = request_of(context)
        get_token(request)  # a page need not have a form to get the cookie
        settings["tokenUrl"] = address_of_tokens(request, token_url)
    return json_script(settings, ELEMENT_ID)


def socket_url(gateway: str | None) -> str:
    if gateway is not None:
        return socket_url_of(gateway)
    return address_in_settings() or the_only_socket_url()


def address_in_settings() -> str:
    url = urlsplit(conf.websocket_url)
    return url._replace(path=url.path.rstrip("/")).geturl()


def socket_url_of(name: str) -> str:
    row = ApiGateway.objects.filter(api_name=name).first()
    if row is None:
        raise ImproperlyConfigured(
            f"No gateway is named {name!r}: add it, or correct {{% websocket gateway=… %}}"
        )
    if not row.websocket_url:
        raise ImproperlyConfigured(
            f"The gateway {name!r} has no address: give it its domain name, or its API "
            "endpoint and stage"
        )
    return row.websocket_url


def the_only_socket_url() -> str:
    """That of the rows, among which there may be drafts."""
    names = {
        row.websocket_url: row.api_name
        for row in ApiGateway.objects.order_by("pk")
        if row.websocket_url
    }
    if not names:
        raise ImproperlyConfigured(
            "Browsers need the address of the socket: set WEBSOCKETS['websocket_url'], "
            "such as 'wss://abc123.execute-api.eu-central-1.amazonaws.com/production', "
            "or give the gateway its domain name, or its API endpoint and stage"
        )
    if len(names) > 1:
        raise ImproperlyConfigured(
            f"There are several gateways ({', '.join(names.values())}): name one with "
            "{% websocket gateway=… %}, or set WEBSOCKETS['websocket_url']"
        )
    return next(iter(names))


def channel_name(channel: Any) -> str:
    name = str(channel)
    if not name:
        # As a variable that the context does not have.
        raise ValueError(
            "The channel of {% websocket channel=… %} is empty: see whether its variable "
            "is in the context, or leave it out for the gateway's default channel"
        )
    return name


def request_of(context: template.Context) -> HttpRequest:
    request: HttpRequest | None = getattr(context, "request", None)
    if request is None:
        raise ImproperlyConfigured(
            "{% websocket token_url=… %} needs the request, to have the browser get "
            "the cookie that tokens are asked for with: use render(request, …)"
        )
    return request


def address_of_tokens(request: HttpRequest, name: str) -> str:
    try:
        return reverse(name, current_app=current_app_of(request))
    except NoReverseMatch as error:
        raise ImproperlyConfigured(
            f"{name!r} in {{% websocket token_url=… %}} is not the name of a URL: write "
            "path('socket-token', WebSocketTokenView.as_view(), name='socket-token')"
        ) from error


def current_app_of(request: HttpRequest) -> str | None:
    """As `{% url %}` has it: the instance of an app that is included more than once."""
    if (given := getattr(request, "current_app", None)) is not None:
        return str(given)
    match = request.resolver_match
    return match.namespace if match else None
