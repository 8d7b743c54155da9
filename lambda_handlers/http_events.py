"""Reads an event of the HTTP API, for a WSGI and for an ASGI application alike."""

from typing import Any, TypeVar
from urllib.parse import quote

from .event_members import (
    Members,
    is_mapping_to_text,
    is_text,
    is_texts,
    or_absent,
    require_event,
)

HTTP_API = "an HTTP API in payload format 2.0"
MEMBERS: Members = {
    "version": lambda value: value == "2.0",
    "rawPath": is_text,
    "rawQueryString": is_text,
    "headers": is_mapping_to_text,
    "cookies": or_absent(is_texts),
    "requestContext.http.method": is_text,
    "requestContext.http.path": is_text,
    "requestContext.http.protocol": is_text,
    "requestContext.http.sourceIp": is_text,
    "body": or_absent(is_text),
}
Value = TypeVar("Value")
IN_A_PATH = "/%:@!$&'()*+,;=~"


def http_request(event: Any) -> dict[str, Any]:
    """The event, if it is one, as applications can take it."""
    require_event(event, MEMBERS, of=HTTP_API)
    return {
        **event,
        # WSGI knows no letters beyond Latin-1, and a stranger may ask for any.
        "rawPath": quote(event["rawPath"], safe=IN_A_PATH, errors="replace"),
        "headers": unambiguous(event["headers"]),
        "cookies": event.get("cookies") or [],
    }


def unambiguous(headers: dict[str, Value]) -> dict[str, Value]:
    """Without names with an underscore: Django takes `x_a` and `x-a` for the same."""
    return {name: value for name, value in headers.items() if "_" not in name}
