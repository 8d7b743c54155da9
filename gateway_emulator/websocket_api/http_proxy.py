"""The HTTP request that an HTTP_PROXY integration makes of an event."""

import re
from urllib.parse import urlencode

from multidict import CIMultiDict
from yarl import URL

from gateway_emulator.template.deployment import Integration
from gateway_emulator.websocket_api.context import EventContext, EventType
from gateway_emulator.websocket_api.handshake import Handshake
from gateway_emulator.websocket_api.parameter_mapping import map_parameters

# Sources: "Amazon API Gateway important notes", the table of headers for REST and WebSocket
# APIs; recorded requests for the rest.
STAGE_VARIABLE = re.compile(r"\$\{stageVariables\.([^}]+)\}")
DROPPED = {
    "connection",
    "content-encoding",
    "content-length",
    "content-md5",
    "expect",
    "host",
    "max-forwards",
    "proxy-authenticate",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
}


def http_proxy_request(
    integration: Integration,
    context: EventContext,
    handshake: Handshake | None,
    body: str,
    trace_id: str,
) -> tuple[URL, CIMultiDict[str]]:
    """Return the address and headers of the request; Host is the address's own."""
    mapped = map_parameters(integration.request_parameters, context, handshake, body)
    headers = CIMultiDict(
        passed_headers(handshake) if handshake else event_headers(context, trace_id)
    )
    headers.setdefault("Accept", "application/json")
    headers.setdefault("User-Agent", f"AmazonAPIGateway_{context.api.api_id}")
    headers["x-amzn-apigateway-api-id"] = context.api.api_id
    headers["Content-Length"] = str(len(body.encode()))
    for name, value in mapped.headers.items():
        headers.popall(name, None)  # whatever the client sent under that name
        if value is not None:
            headers[name] = value
    uri = with_stage_variables(integration.uri, context)
    queries = [handshake.query if handshake else "", urlencode(mapped.query)]
    return address(uri, "&".join(filter(None, queries))), headers


def passed_headers(handshake: Handshake) -> list[tuple[str, str]]:
    return [each for each in handshake.headers if each[0].lower() not in DROPPED]


def event_headers(context: EventContext, trace_id: str) -> list[tuple[str, str]]:
    """Return the headers of a message or disconnect, which has none of the client's."""
    headers = [("X-Amzn-Trace-Id", trace_id)]
    if context.event_type is EventType.MESSAGE:
        headers.append(("Content-Type", "application/json"))
    return headers


def with_stage_variables(uri: str, context: EventContext) -> str:
    stage = context.api.stage(context.connection.stage)
    variables = stage.variables if stage else {}
    return STAGE_VARIABLE.sub(lambda match: variables.get(match[1], ""), uri)


def address(uri: str, query: str) -> URL:
    if not query:
        return URL(uri, encoded=True)
    return URL(f"{uri}{'&' if '?' in uri else '?'}{query}", encoded=True)
