"""Request parameters that an integration maps into the HTTP request.

Source: "Setting up data mapping for WebSocket APIs", API Gateway Developer Guide.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway_emulator.websocket_api.context import EventContext
from gateway_emulator.websocket_api.handshake import Handshake, values

HEADER = "integration.request.header."
QUERY = "integration.request.querystring."


@dataclass
class MappedParameters:
    """The headers and query parameters that the mapping sets; None for one that is empty."""

    headers: dict[str, str | None] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)


def map_parameters(
    mapping: Mapping[str, str],
    context: EventContext,
    handshake: Handshake | None,
    body: str,
) -> MappedParameters:
    """Evaluate a mapping; a value that is empty for this event is not sent."""
    mapped = MappedParameters()
    for target, source in mapping.items():
        value = mapped_value(source, context, handshake, body)
        if target.startswith(HEADER):
            mapped.headers[target.removeprefix(HEADER)] = value
        elif target.startswith(QUERY) and value is not None:
            mapped.query[target.removeprefix(QUERY)] = value
    return mapped


def mapped_value(
    source: str, context: EventContext, handshake: Handshake | None, body: str
) -> str | None:
    if source.startswith("'") and source.endswith("'"):
        return source[1:-1]
    kind, _, name = source.partition(".")
    if kind == "context":
        return context.variable(name)
    if kind == "stageVariables":
        stage = context.api.stage(context.connection.stage)
        return stage.variables.get(name) if stage else None
    return request_value(source, handshake, body)


def request_value(source: str, handshake: Handshake | None, body: str) -> str | None:
    """Return what `route.request.…` names: handshake headers and query on $connect, else the body."""
    for prefix, separator in (("header", None), ("multivalueheader", ",")):
        if handshake and (name := after(source, f"route.request.{prefix}.")):
            return chosen(values(handshake.headers, name), separator)
    for prefix, separator in (("querystring", None), ("multivaluequerystring", ",")):
        if handshake and (name := after(source, f"route.request.{prefix}.")):
            found = [value for each, value in handshake.query_pairs() if each == name]
            return chosen(found, separator)
    if path := after(source, "route.request.body."):
        return body_value(body, path)
    return None


def after(text: str, prefix: str) -> str | None:
    return text.removeprefix(prefix) if text.startswith(prefix) else None


def chosen(found: list[str], separator: str | None) -> str | None:
    if not found:
        return None
    return found[-1] if separator is None else separator.join(found)


def body_value(body: str, path: str) -> str | None:
    try:
        value: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)
