"""Turn a function's answer into an HTTP response.

Source: "Create AWS Lambda proxy integrations for HTTP APIs", API Gateway Developer Guide.
"""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway_emulator.asgi import Headers

TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


@dataclass(frozen=True)
class HttpResponse:
    status: int
    headers: Headers
    body: bytes


class MalformedAnswer(Exception):
    """Raised when a function's answer is no response of payload format 2.0."""


def error_response(status: int, message: str) -> HttpResponse:
    """Return one of the HTTP API's own answers."""
    body = json.dumps({"message": message}, separators=(",", ":")).encode()
    return HttpResponse(status, [("content-type", "application/json")], body)


def response_of_answer(answer: Any) -> HttpResponse:
    """Return the response; an answer without `statusCode` is itself the body of a 200."""
    if not isinstance(answer, Mapping) or "statusCode" not in answer:
        body = json.dumps(answer).encode()
        return HttpResponse(200, [("content-type", "application/json")], body)
    try:
        status = int(answer["statusCode"])
        headers = [header(name, value) for name, value in members(answer, "headers")]
        cookies = [header("set-cookie", each) for each in answer.get("cookies") or []]
        body = body_of(answer)
    except (AttributeError, OverflowError, TypeError, ValueError) as error:
        raise MalformedAnswer(type(error).__name__) from error
    if not 200 <= status <= 599 or isinstance(answer.get("cookies"), str):
        raise MalformedAnswer("statusCode or cookies")
    return HttpResponse(status, cookies + headers, body)


def members(answer: Mapping[str, Any], name: str) -> Iterable[tuple[str, Any]]:
    found: Mapping[str, Any] = answer.get(name) or {}
    return found.items()


def header(name: str, value: Any) -> tuple[str, str]:
    """Return a header that can be sent; ValueError for one that cannot."""
    text = str(value)
    if not TOKEN.fullmatch(name) or not text.isprintable():
        raise ValueError(name)
    text.encode("latin-1")
    return name.lower(), text


def body_of(answer: Mapping[str, Any]) -> bytes:
    body = answer.get("body") or ""
    if answer.get("isBase64Encoded"):
        return base64.b64decode(body, validate=True)
    return str(body).encode()
