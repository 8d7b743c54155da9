"""What a function receives from an HTTP API.

Source: "Create AWS Lambda proxy integrations for HTTP APIs", API Gateway Developer Guide.
"""

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from gateway_emulator.asgi import Headers
from gateway_emulator.identifiers import ACCOUNT, new_request_id
from gateway_emulator.template.deployment import HttpApi

TEXT_TYPES = ("application/json", "application/xml", "application/javascript")


@dataclass(frozen=True)
class HttpRequest:
    """A request as it arrived; `path` still has its percent signs."""

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes
    source_ip: str
    port: int


def http_event(
    api: HttpApi,
    request: HttpRequest,
    *,
    route_key: str,
    path_parameters: Mapping[str, str],
    trace_id: str,
) -> dict[str, Any]:
    """Return the event in payload format 2.0; empty members are left out."""
    now = time.time()
    headers = joined(request.headers)
    cookies = [
        part.strip() for part in headers.pop("cookie", "").split(";") if part.strip()
    ]
    headers = {**headers, **forwarded(request, headers), "x-amzn-trace-id": trace_id}
    host = headers.get("host", "")
    body, is_base64 = event_body(request.body, headers.get("content-type", ""))
    return without_empty(
        {
            "version": "2.0",
            "routeKey": route_key,
            "rawPath": request.path,
            "rawQueryString": request.query,
            "cookies": cookies,
            "headers": headers,
            "queryStringParameters": joined(
                parse_qsl(request.query, keep_blank_values=True), lower=False
            ),
            "requestContext": {
                "accountId": ACCOUNT,
                "apiId": api.api_id,
                "domainName": host,
                "domainPrefix": host.partition(".")[0],
                "http": {
                    "method": request.method,
                    "path": request.path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": request.source_ip,
                    "userAgent": headers.get("user-agent", ""),
                },
                "requestId": new_request_id(),
                "routeKey": route_key,
                "stage": api.stage.name,
                "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
                "timeEpoch": int(now * 1000),
            },
            "pathParameters": dict(path_parameters),
            "stageVariables": dict(api.stage.variables),
            "body": body,
            "isBase64Encoded": is_base64,
        }
    )


def joined(pairs: Headers, *, lower: bool = True) -> dict[str, str]:
    """Return one value per name, repeated ones joined with a comma."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name.lower() if lower else name, []).append(value)
    # Cookies are pairs already; two cookie headers are one longer list of them.
    return {
        name: (";" if lower and name == "cookie" else ",").join(each)
        for name, each in values.items()
    }


def forwarded(request: HttpRequest, headers: Mapping[str, str]) -> dict[str, str]:
    """Return the X-Forwarded-* headers: each hop appends its caller's address."""
    before = headers.get("x-forwarded-for")
    return {
        "x-forwarded-for": f"{before}, {request.source_ip}"
        if before
        else request.source_ip,
        "x-forwarded-port": str(request.port),
        "x-forwarded-proto": "http",
    }


def event_body(body: bytes, content_type: str) -> tuple[str, bool]:
    """Return the body and whether it is base64: text only for types that API Gateway knows as text."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type.startswith("text/") or media_type in TEXT_TYPES:
        return body.decode("utf-8", "replace"), False
    return base64.b64encode(body).decode(), bool(body)


def without_empty(event: dict[str, Any]) -> dict[str, Any]:
    optional = {
        "cookies",
        "queryStringParameters",
        "pathParameters",
        "stageVariables",
        "body",
    }
    return {
        name: value for name, value in event.items() if value or name not in optional
    }
