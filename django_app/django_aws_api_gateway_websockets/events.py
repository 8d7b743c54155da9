"""What the gateway sent, as plain values: past this file nobody reads a header."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, Self

from .exceptions import (
    InvalidConnectionId,
    InvalidRequestFormat,
    InvalidRequestHeaders,
)

MAPPED_HEADERS = (
    "Connectionid",
    "X-Ws-Source-Ip",
    "X-Ws-Event-Type",
    "X-Ws-Api-Id",
    "X-Amzn-Apigateway-Api-Id",
)
API_ID = re.compile(r"[!-~]{1,128}")
CONNECTION_ID = re.compile(r"[A-Za-z0-9_=-]{1,128}")


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """One connect, message or disconnect."""

    route: str
    connection_id: str
    api_id: str

    @classmethod
    def from_headers(cls, headers: Mapping[str, str], *, route: str) -> Self:
        """Read the headers that the integrations map; look-ups ignore case."""
        refuse_doubled_headers(headers)
        own = headers.get("X-Amzn-Apigateway-Api-Id")
        api_id = headers.get("X-Ws-Api-Id", own)
        # Where the gateway does not map the first one, it may be a client's.
        if own is not None and api_id != own:
            raise InvalidRequestHeaders("there are two API ids")
        if not api_id or not API_ID.fullmatch(api_id):
            raise InvalidRequestHeaders("no API id, or a malformed one")
        if (connection_id := headers.get("Connectionid")) is None:
            raise InvalidRequestHeaders("no Connectionid")
        if headers.get("X-Ws-Event-Type", event_type(route)) != event_type(route):
            raise InvalidRequestHeaders(f"X-Ws-Event-Type is not {event_type(route)}")
        return cls(route=route, connection_id=connection_id, api_id=api_id)

    def require_well_formed_connection_id(self) -> None:
        if not CONNECTION_ID.fullmatch(self.connection_id):
            raise InvalidConnectionId("malformed connection id")


def refuse_doubled_headers(headers: Mapping[str, str]) -> None:
    # Servers join headers of one name with a comma. No mapped value holds one, so a
    # comma means that somebody sent a second value beside the gateway's.
    for name in MAPPED_HEADERS:
        if "," in headers.get(name, ""):
            raise InvalidRequestHeaders(f"{name} holds more than one value")


def event_type(route: str) -> str:
    return {"connect": "CONNECT", "disconnect": "DISCONNECT"}.get(route, "MESSAGE")


def parse_message(body: bytes, *, max_size: int) -> dict[str, Any]:
    """The object in the body; anything else is refused."""
    if len(body) > max_size:
        raise InvalidRequestFormat(f"{len(body)} bytes are more than {max_size}")
    try:
        message = json.loads(
            body.decode(), parse_constant=not_finite, parse_float=finite
        )
    except (ValueError, RecursionError) as error:
        # The error's own text would quote the message.
        raise InvalidRequestFormat(f"not JSON: {type(error).__name__}") from None
    if not isinstance(message, dict):
        raise InvalidRequestFormat("not a JSON object")
    return message


def not_finite(_constant: str) -> NoReturn:
    raise ValueError("JSON has no NaN and no Infinity")


def finite(text: str) -> float:
    # 1e999 is well-formed JSON, but no number that could be sent on.
    if math.isinf(number := float(text)):
        not_finite(text)
    return number
