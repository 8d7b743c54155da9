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
# These bodies are sent as they are, all others in base64: they may be any bytes, also
# text in another encoding than UTF-8.
UTF_8 = ("application/json", "text/html; charset=utf-8", "text/plain; charset=utf-8")
Value = TypeVar("Value")
IN_A_PATH = "/%:@!$&'()*+,;=~"
IN_A_QUERY = f"{IN_A_PATH}?"


def http_request(event: Any) -> dict[str, Any]:
    """The event, if it is one, as applications can take it."""
    require_event(event, MEMBERS, of=HTTP_API)
    return {
        **event,
        # WSGI knows no letters beyond Latin-1, and a stranger may ask for any.
        "rawPath": quote(event["rawPath"], safe=IN_A_PATH, errors="replace"),
        "rawQueryString": quote(
            event["rawQueryString"], safe=IN_A_QUERY, errors="replace"
        ),
        "headers": with_one_scheme(unambiguous(event["headers"])),
        "cookies": event.get("cookies") or [],
    }


def in_wsgis_letters(request: dict[str, Any]) -> dict[str, Any]:
    """WSGI writes bytes as Latin-1, and Django reads UTF-8 from them."""
    headers = request["headers"]
    return {
        **request,
        "headers": {name: in_latin_1(value) for name, value in headers.items()},
        "cookies": [in_latin_1(cookie) for cookie in request["cookies"]],
    }


def in_latin_1(text: str) -> str:
    return text.encode(errors="replace").decode("latin-1")


def with_one_scheme(headers: dict[str, str]) -> dict[str, str]:
    """The last one is the gateway's own, whatever a client has put before it."""
    if "x-forwarded-proto" not in headers:
        return headers
    scheme = headers["x-forwarded-proto"].rpartition(",")[2].strip()
    return {**headers, "x-forwarded-proto": scheme}


def unambiguous(headers: dict[str, Value]) -> dict[str, Value]:
    """Without names with an underscore: Django takes `x_a` and `x-a` for the same."""
    return {name: value for name, value in headers.items() if "_" not in name}
