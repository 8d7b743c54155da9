"""Events as Lambda gets them."""

from typing import Any

from tests.gateway import ALICE, API_ID


def websocket_event(
    event_type: str,
    *,
    route_key: str | None = None,
    connection_id: str = ALICE,
    headers: dict[str, list[str]] | None = None,
    query: dict[str, list[str]] | None = None,
    body: str | None = None,
) -> dict[str, Any]:
    routes = {"CONNECT": "$connect", "DISCONNECT": "$disconnect"}
    event: dict[str, Any] = {
        "requestContext": {
            "routeKey": route_key or routes.get(event_type, "$default"),
            "eventType": event_type,
            "stage": "production",
            "identity": {"userAgent": "a client", "sourceIp": "203.0.113.50"},
            "domainName": "socket.example",
            "connectionId": connection_id,
            "apiId": API_ID,
        },
        "isBase64Encoded": False,
    }
    if event_type == "CONNECT":
        several = {"Host": ["socket.example"], **(headers or {})}
        event["multiValueHeaders"] = several
        event["headers"] = {name: values[-1] for name, values in several.items()}
    if query:
        event["multiValueQueryStringParameters"] = query
        event["queryStringParameters"] = {
            name: values[-1] for name, values in query.items()
        }
    if body is not None:
        event["body"] = body
    return event


def http_event(
    path: str,
    *,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    cookies: list[str] | None = None,
    query: str = "",
    body: str | None = None,
) -> dict[str, Any]:
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {
            "host": "site.example",
            "x-forwarded-for": "198.51.100.7",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
            **(headers or {}),
        },
        "requestContext": {
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "198.51.100.7",
                "userAgent": "a browser",
            },
            "stage": "$default",
        },
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = cookies
    if body is not None:
        event["body"] = body
    return event
