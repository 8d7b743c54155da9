"""Every way that a connect takes to Django: with this query, and the mapped headers."""

from urllib.parse import parse_qs

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient

from lambda_handlers import asgi_api, http_api, websocket_api
from tests.gateway import Gateway, gateway_headers
from tests.handlers.events import http_event, websocket_event


def through_wsgi(query):
    gateway = Gateway()
    address = f"/ws/connect?{query}"  # as gunicorn and uWSGI keep it
    gateway.client.defaults |= {"RAW_URI": address, "REQUEST_URI": address}
    return gateway.connect(query=query)


def through_asgi(query):
    client = AsyncClient(raise_request_exception=False)
    headers = gateway_headers(route="connect")
    return async_to_sync(client.post)(f"/ws/connect?{query}", headers=headers)


def through_an_http_api(query, handler=http_api.handler):
    headers = gateway_headers(route="connect").items()
    headers = {name.lower(): value for name, value in headers}
    return handler(
        http_event("/ws/connect", method="POST", headers=headers, query=query), None
    )


def through_an_http_api_and_asgi(query):
    return through_an_http_api(query, asgi_api.handler)


def through_a_websocket_api(query):
    return websocket_api.handler(
        websocket_event("CONNECT", query=parse_qs(query)), None
    )


every_way = pytest.mark.parametrize(
    "connect",
    [
        through_wsgi,
        through_asgi,
        through_an_http_api,
        through_an_http_api_and_asgi,
        through_a_websocket_api,
    ],
    ids=lambda way: way.__name__,
)
through_a_server = pytest.mark.parametrize("connect", [through_wsgi, through_asgi])
