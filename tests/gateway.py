"""Calls the site as API Gateway does through an HTTP integration."""

import json
from typing import Any

from django.test import Client

from django_aws_api_gateway_websockets.models import WebSocketSession

API_ID = "api123"
SECRET = "the-secret-of-the-gateway-in-all-tests"
ALICE = "gbgBP48K7QAYKEj4XA=="
BOB = "eHrdFcnvvHcCE-w="


def gateway_headers(
    *,
    route: str = "default",
    connection_id: str = ALICE,
    api_id: str = API_ID,
    secret: str = SECRET,
    **others: str | None,
) -> dict[str, str]:
    """The mapped headers; others are given as `Origin="…"`, and None takes one away."""
    event_types = {"connect": "CONNECT", "disconnect": "DISCONNECT"}
    headers: dict[str, str | None] = {
        "Connectionid": connection_id,
        "X-Ws-Gateway-Secret": secret,
        "X-Ws-Source-Ip": "203.0.113.50",
        "X-Ws-Event-Type": event_types.get(route, "MESSAGE"),
        "X-Ws-Api-Id": api_id,
        "X-Amzn-Apigateway-Api-Id": api_id,
        "User-Agent": f"AmazonAPIGateway_{api_id}",
        **{name.replace("_", "-"): value for name, value in others.items()},
    }
    return {name: value for name, value in headers.items() if value is not None}


class Gateway:
    def __init__(self) -> None:
        self.client = Client(raise_request_exception=False)

    def connect(self, connection_id: str = ALICE, *, query: str = "", **headers: Any):
        return self.call("connect", connection_id=connection_id, query=query, **headers)

    def message(self, message: Any, connection_id: str = ALICE, **headers: Any):
        body = message if isinstance(message, bytes) else json.dumps(message)
        return self.call("default", body, connection_id=connection_id, **headers)

    def disconnect(self, connection_id: str = ALICE, **headers: Any):
        return self.call("disconnect", connection_id=connection_id, **headers)

    def call(
        self,
        route: str,
        body: bytes | str = b"",
        *,
        method: str = "POST",
        query: str = "",
        host: str = "site.example",
        **headers: Any,
    ):
        return self.client.generic(
            method,
            f"/ws/{route}",
            body,
            content_type="application/json",
            secure=True,
            query_params=None,
            QUERY_STRING=query,
            SERVER_NAME=host,
            SERVER_PORT="443",
            headers=gateway_headers(route=route, **headers),
        )


def session(connection_id: str = ALICE) -> WebSocketSession:
    return WebSocketSession.objects.select_related("api_gateway").get(
        connection_id=connection_id
    )


def rows() -> list[dict[str, Any]]:
    """All sessions, but for what merely counts."""
    return [
        {
            name: value
            for name, value in row.items()
            if name not in {"request_count", "updated_on"}
        }
        for row in WebSocketSession.objects.order_by("pk").values()
    ]
