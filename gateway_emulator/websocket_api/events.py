"""What a function receives from a WebSocket API (AWS_PROXY), in the shapes captured from AWS."""

from typing import Any

from gateway_emulator.websocket_api.context import EventContext
from gateway_emulator.websocket_api.handshake import Handshake


def connect_event(context: EventContext, handshake: Handshake) -> dict[str, Any]:
    event: dict[str, Any] = {
        "headers": dict(handshake.headers),
        "multiValueHeaders": grouped(handshake.headers),
    }
    if pairs := handshake.query_pairs():
        event["queryStringParameters"] = dict(pairs)
        event["multiValueQueryStringParameters"] = grouped(pairs)
    return finished(event, context)


def message_event(context: EventContext, body: str) -> dict[str, Any]:
    return {
        "requestContext": context.request_context(),
        **stage_variables(context),
        "body": body,
        "isBase64Encoded": False,
    }


def disconnect_event(context: EventContext) -> dict[str, Any]:
    headers = {
        "Host": context.connection.domain_name,
        "x-api-key": "",
        "X-Forwarded-For": "",
        "x-restapi": "",
    }
    event: dict[str, Any] = {
        "headers": headers,
        "multiValueHeaders": grouped(list(headers.items())),
    }
    return finished(event, context)


def finished(event: dict[str, Any], context: EventContext) -> dict[str, Any]:
    return {
        **event,
        **stage_variables(context),
        "requestContext": context.request_context(),
        "isBase64Encoded": False,
    }


def stage_variables(context: EventContext) -> dict[str, Any]:
    """Return the member for the stage's variables, which is there only if it has some."""
    stage = context.api.stage(context.connection.stage)
    return (
        {"stageVariables": dict(stage.variables)} if stage and stage.variables else {}
    )


def grouped(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name, value in pairs:
        groups.setdefault(name, []).append(value)
    return groups
