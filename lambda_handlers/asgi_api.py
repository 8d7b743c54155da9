"""An event of the HTTP API becomes a request to Django, for projects with async views."""

import asyncio
import warnings
from typing import Any

from mangum import Mangum

from config.asgi import application

from .http_events import http_request

# A function's answer is in memory as a whole, so a file may be read at once.
warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous")

# Mangum takes these apart, and fails where a client has made them up.
ADDRESS = ("host", "x-forwarded-port")


async def application_at_its_address(scope: Any, receive: Any, send: Any) -> None:
    headers = scope["aws.event"]["address"]
    scope["headers"] += [[name.encode(), headers[name].encode()] for name in headers]
    scope["scheme"] = scope["scheme"].split(",")[-1].strip()
    await application(scope, receive, send)


loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
answer = Mangum(application_at_its_address, lifespan="off")


def handler(event: Any, context: Any) -> dict[str, Any]:
    asyncio.set_event_loop(loop)  # Mangum runs in whichever is set
    return answer(with_address_apart(http_request(event)), context)


def with_address_apart(request: dict[str, Any]) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in request["headers"].items()}
    address = {name: headers.pop(name) for name in ADDRESS if name in headers}
    return {**request, "headers": headers, "address": address}
