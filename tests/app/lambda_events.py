"""Events of the gateway as the functions get them, through WSGI and through ASGI."""

import json
from typing import Any

import pytest

from lambda_handlers import asgi_api, http_api
from tests.gateway import gateway_headers
from tests.handlers.events import http_event

ADAPTERS = [
    pytest.param(http_api.handler, id="wsgi"),
    pytest.param(asgi_api.handler, id="asgi"),
]


def gateway_event(
    route: str = "default", message: Any = None, **headers: Any
) -> dict[str, Any]:
    """What the HTTP API makes of an event, with these headers besides."""
    mapped = gateway_headers(route=route, **headers)
    return http_event(
        f"/ws/{route}",
        method="POST",
        headers={name.lower(): value for name, value in mapped.items()},
        body=json.dumps(message),
    )


class Context:
    aws_request_id = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
