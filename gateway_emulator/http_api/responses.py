"""Turn a function's answer into an HTTP response.

Source: "Create AWS Lambda proxy integrations for HTTP APIs", API Gateway Developer Guide.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway_emulator.asgi import Headers


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
        headers = [
            (str(name).lower(), str(value))
            for name, value in (answer.get("headers") or {}).items()
        ]
        cookies = [("set-cookie", str(each)) for each in answer.get("cookies") or []]
        body = body_of(answer)
    except (AttributeError, TypeError, ValueError) as error:
        raise MalformedAnswer(str(error)) from error
    if not 100 <= status <= 599:
        raise MalformedAnswer(f"statusCode {status}")
    return HttpResponse(status, cookies + headers, body)


def body_of(answer: Mapping[str, Any]) -> bytes:
    body = answer.get("body") or ""
    if answer.get("isBase64Encoded"):
        return base64.b64decode(body)
    return str(body).encode()
