"""An event of the HTTP API becomes a request to Django, for projects with async views."""

import asyncio
import warnings
from base64 import b64decode
from typing import Any

from mangum import Mangum

from config.asgi import application

from .database_connections import no_connection_left
from .http_events import http_request

# A function's answer is in memory as a whole, so a file may be read at once.
warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous")

# Mangum takes these apart, and fails where a client has made them up.
ADDRESS = ("host", "x-forwarded-port")


async def application_at_its_address(scope: Any, receive: Any, send: Any) -> None:
    headers = scope["aws.event"]["address"]
    scope["headers"] += [[name.encode(), headers[name].encode()] for name in headers]
    await application(scope, receive, send)


def handler(event: Any, context: Any) -> dict[str, Any]:
    request = as_mangum_takes_it(http_request(event))
    # A loop for each event: threads that a view has started end with it, and then their
    # database connections are closed, which nobody would check after a freeze.
    with no_connection_left(), asyncio.Runner() as runner:
        runner.get_loop()  # sets it, and Mangum runs in the one that is set
        return Mangum(application_at_its_address, lifespan="off")(request, context)


def as_mangum_takes_it(request: dict[str, Any]) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in request["headers"].items()}
    address = {name: headers.pop(name) for name in ADDRESS if name in headers}
    # Without it, Django takes a form for an empty one.
    headers["content-length"] = str(body_length(request))
    return {**request, "headers": headers, "address": address}


def body_length(request: dict[str, Any]) -> int:
    body = request.get("body") or ""
    return len(b64decode(body) if request.get("isBase64Encoded") else body.encode())
