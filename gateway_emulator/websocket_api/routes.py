"""Choose the route of a message.

Source: "Route selection expressions", API Gateway Developer Guide.
"""

import json
import re
from collections.abc import Collection
from typing import Any

DEFAULT = "$default"
RESERVED = ("$connect", "$disconnect")
VARIABLE = re.compile(
    r"\$\{request\.body\.([^}]+)\}|\$request\.body\.([A-Za-z0-9_.-]+)"
)


def select_route(expression: str, body: str, route_keys: Collection[str]) -> str | None:
    """Return the route key that a message selects, or None where nothing matches."""
    key = evaluate(expression, body)
    if key in route_keys and key not in RESERVED:
        return key
    return DEFAULT if DEFAULT in route_keys else None


def evaluate(expression: str, body: str) -> str:
    """Return the text that a selection expression gives for a message."""
    message = parsed(body)
    text = VARIABLE.sub(lambda match: member(message, match[1] or match[2]), expression)
    return text.replace("\\$", "$")


def parsed(body: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def member(message: Any, path: str) -> str:
    """Return a member of the message as text; a missing one is empty."""
    for name in path.split("."):
        message = message.get(name) if isinstance(message, dict) else None
    if message is None:
        return ""
    return message if isinstance(message, str) else json.dumps(message)
