"""Call a route's backend for an event: a function (AWS_PROXY) or an address (HTTP_PROXY)."""

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from gateway_emulator.asgi import Headers
from gateway_emulator.event_log import Entry
from gateway_emulator.functions import Functions
from gateway_emulator.template.deployment import Integration, IntegrationType
from gateway_emulator.websocket_api import frames
from gateway_emulator.websocket_api.context import EventContext, EventType
from gateway_emulator.websocket_api.events import (
    connect_event,
    disconnect_event,
    message_event,
)
from gateway_emulator.websocket_api.handshake import Handshake
from gateway_emulator.websocket_api.http_proxy import http_proxy_request


@dataclass(frozen=True)
class Event:
    """What happens to a connection: `handshake` on $connect, `body` on a message."""

    context: EventContext
    trace_id: str
    handshake: Handshake | None = None
    body: str = ""


@dataclass(frozen=True)
class IntegrationAnswer:
    status: int
    headers: Headers
    body: bytes

    def header(self, name: str) -> str | None:
        return next(
            (value for each, value in self.headers if each.lower() == name), None
        )


class IntegrationFailed(Exception):
    """Raised when a backend gave no answer: `status` refuses a handshake, `message` goes in a frame."""

    def __init__(self, status: int, message: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.message = message


class Integrations:
    """Calls backends; whatever goes wrong is an IntegrationFailed."""

    def __init__(self, functions: Functions, client: aiohttp.ClientSession) -> None:
        self.functions = functions
        self.client = client

    async def call(
        self, integration: Integration, event: Event, entry: Entry
    ) -> IntegrationAnswer:
        call = (
            self.call_function
            if integration.type is IntegrationType.AWS_PROXY
            else self.call_address
        )
        try:
            async with asyncio.timeout(integration.timeout):
                return await call(integration, event, entry)
        except TimeoutError as error:
            raise IntegrationFailed(
                504, frames.TIMED_OUT, "integration timeout"
            ) from error

    async def call_function(
        self, integration: Integration, event: Event, entry: Entry
    ) -> IntegrationAnswer:
        answer = await self.functions.invoke(
            integration.uri, lambda_event(event), event.trace_id
        )
        entry.start = answer.start
        if answer.failure is not None:
            raise IntegrationFailed(
                502, frames.INTERNAL_SERVER_ERROR, str(answer.failure)
            )
        return answer_of_function(answer.value, event.context.event_type)

    async def call_address(
        self, integration: Integration, event: Event, entry: Entry
    ) -> IntegrationAnswer:
        del entry  # a function behind the address fills it in
        url, headers = http_proxy_request(
            integration, event.context, event.handshake, event.body, event.trace_id
        )
        try:
            async with self.client.request(
                integration.method,
                url,
                headers=headers,
                data=event.body.encode(),
                skip_auto_headers=(
                    "Accept",
                    "Accept-Encoding",
                    "Content-Type",
                    "User-Agent",
                ),
                allow_redirects=False,
            ) as response:
                passed = list(response.headers.items())
                return IntegrationAnswer(response.status, passed, await response.read())
        except (aiohttp.ClientError, OSError, ValueError) as error:
            reason = f"no answer from {integration.uri}: {type(error).__name__}"
            raise IntegrationFailed(
                502, frames.INTERNAL_SERVER_ERROR, reason
            ) from error


def lambda_event(event: Event) -> dict[str, Any]:
    if event.handshake is not None:
        return connect_event(event.context, event.handshake)
    if event.context.event_type is EventType.DISCONNECT:
        return disconnect_event(event.context)
    return message_event(event.context, event.body)


def answer_of_function(value: Any, event_type: EventType) -> IntegrationAnswer:
    """Read a function's answer; one without a numeric `statusCode` is malformed."""
    try:
        status = status_of(value["statusCode"])
        headers = {
            **single_values(value.get("multiValueHeaders")),
            **(value.get("headers") or {}),
        }
        text = value.get("body") or ""
        body = (
            base64.b64decode(text, validate=True)
            if value.get("isBase64Encoded")
            else str(text).encode()
        )
        pairs = [(str(name), str(each)) for name, each in headers.items()]
    except (AttributeError, LookupError, OverflowError, TypeError, ValueError) as error:
        status = 500 if event_type is EventType.CONNECT else 502
        raise IntegrationFailed(
            status, frames.INTERNAL_SERVER_ERROR, "malformed answer"
        ) from error
    return IntegrationAnswer(status, pairs, body)


def status_of(value: Any) -> int:
    status = int(value)
    if not 100 <= status <= 599:
        raise ValueError(value)
    return status


def single_values(headers: Mapping[str, list[str]] | None) -> dict[str, str]:
    return {name: each[-1] for name, each in (headers or {}).items() if each}
