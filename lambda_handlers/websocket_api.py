"""An event of the WebSocket API becomes the request that an HTTP integration makes.

The request carries the mark `gateway.trusted` in its WSGI environment, where no header
can put it: only this function, which only the gateway may invoke, sets it.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from apig_wsgi import make_lambda_handler
from django.conf import settings

from config.wsgi import application

from .event_members import (
    Members,
    UnknownEvent,
    is_filled_text,
    is_mapping_to_text,
    is_mapping_to_texts,
    is_text,
    member,
    or_absent,
    require_event,
)
from .http_events import UTF_8, in_wsgis_letters, unambiguous

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ROUTES = {"$connect": "connect", "$disconnect": "disconnect", "$default": "default"}
EVENT_TYPES = {"CONNECT", "MESSAGE", "DISCONNECT"}
MEMBERS: Members = {
    "requestContext.connectionId": is_filled_text,
    "requestContext.eventType": is_filled_text,
    "requestContext.routeKey": is_filled_text,
    "requestContext.apiId": is_filled_text,
    "requestContext.identity.sourceIp": or_absent(is_text),
    "headers": or_absent(is_mapping_to_text),
    "multiValueHeaders": or_absent(is_mapping_to_texts),
    "queryStringParameters": or_absent(is_mapping_to_text),
    "multiValueQueryStringParameters": or_absent(is_mapping_to_texts),
    "body": or_absent(is_text),
}
SITE = urlsplit(settings.SITE_URL)
ANSWER = ("statusCode", "headers", "body", "isBase64Encoded")
# A client may send headers of these names in its handshake; they say nothing.
GATEWAY_HEADERS = {
    "connectionid",
    "x-ws-api-id",
    "x-ws-event-type",
    "x-ws-gateway-secret",
    "x-ws-source-ip",
    "x-amzn-apigateway-api-id",
}


def trusted_application(
    environ: "WSGIEnvironment", start_response: "StartResponse"
) -> Iterable[bytes]:
    environ["gateway.trusted"] = True
    return application(environ, start_response)


answer = make_lambda_handler(
    trusted_application, non_binary_content_type_prefixes=UTF_8
)


def handler(event: Any, context: Any) -> dict[str, Any]:
    response = answer(in_wsgis_letters(http_event(event)), context)
    return {name: response[name] for name in ANSWER}


def http_event(event: Any) -> dict[str, Any]:
    """The event in the HTTP API's payload format 2.0."""
    gateway = websocket_context(event)
    is_connect = gateway["eventType"] == "CONNECT"
    client_headers = headers_of(event) if is_connect else {}
    cookie = client_headers.pop("cookie", "")
    route = ROUTES.get(gateway["routeKey"], gateway["routeKey"])
    source_ip = member(gateway, "identity.sourceIp") or ""
    return {
        "version": "2.0",
        "rawPath": f"/ws/{quote(route, safe='')}",
        "rawQueryString": query_of(event) if is_connect else "",
        "cookies": [cookie] if cookie else [],
        "headers": {
            "user-agent": f"AmazonAPIGateway_{gateway['apiId']}",
            "content-type": "application/json",
            **client_headers,
            **mapped_headers(gateway, source_ip),
        },
        "requestContext": {
            "http": {
                "method": "POST",
                "protocol": "HTTP/1.1",
                "sourceIp": source_ip,
            }
        },
        "body": event.get("body") or "",
        "isBase64Encoded": event.get("isBase64Encoded", False),
    }


def websocket_context(event: Any) -> dict[str, Any]:
    require_event(event, MEMBERS, of="a WebSocket API")
    context: dict[str, Any] = event["requestContext"]
    if context["eventType"] not in EVENT_TYPES:
        raise UnknownEvent(
            f"This is no event of a WebSocket API: its eventType is "
            f"{context['eventType']!r}, not one of {sorted(EVENT_TYPES)}"
        )
    return context


def headers_of(event: dict[str, Any]) -> dict[str, str]:
    """The client's, as an HTTP API gives them: lower case, repeated ones joined."""
    several = event.get("multiValueHeaders") or {
        name: [value] for name, value in (event.get("headers") or {}).items()
    }
    return {
        name.lower(): (";" if name.lower() == "cookie" else ",").join(values)
        for name, values in unambiguous(several).items()
        if name.lower() not in GATEWAY_HEADERS
    }


def mapped_headers(gateway: dict[str, Any], source_ip: str) -> dict[str, str]:
    return {
        "host": SITE.netloc,
        "x-forwarded-proto": SITE.scheme,
        "connectionid": gateway["connectionId"],
        "x-ws-event-type": gateway["eventType"],
        "x-ws-source-ip": source_ip,
        "x-ws-api-id": gateway["apiId"],
        "x-amzn-apigateway-api-id": gateway["apiId"],
    }


def query_of(event: dict[str, Any]) -> str:
    if several := event.get("multiValueQueryStringParameters"):
        return urlencode(several, doseq=True, errors="replace")
    return urlencode(event.get("queryStringParameters") or {})
