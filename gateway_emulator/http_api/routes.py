"""Choose the route of an HTTP request.

Source: "Create routes for HTTP APIs", API Gateway Developer Guide: a full match wins over a
greedy path variable, and that over $default.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gateway_emulator.template.deployment import Route


@dataclass(frozen=True)
class RouteMatch:
    """The chosen route and what its path variables stand for."""

    route: Route
    path_parameters: Mapping[str, str]


def match_route(
    routes: Mapping[str, Route], method: str, path: str
) -> RouteMatch | None:
    matches = [
        (specificity(key, method), RouteMatch(route, parameters))
        for key, route in routes.items()
        if (parameters := path_parameters(key, method, path)) is not None
    ]
    if matches:
        return max(matches, key=lambda match: match[0])[1]
    default = routes.get("$default")
    return RouteMatch(default, {}) if default else None


def path_parameters(key: str, method: str, path: str) -> dict[str, str] | None:
    """Return the path variables where a route key matches, else None."""
    wanted_method, _, pattern = key.partition(" ")
    if wanted_method not in (method, "ANY") or not pattern:
        return None
    expression = "".join(
        variable_expression(part) if part.startswith("{") else re.escape(part)
        for part in re.split(r"(\{[^}]+\})", pattern)
    )
    match = re.fullmatch(expression, path)
    return match.groupdict() if match else None


def variable_expression(variable: str) -> str:
    name = variable.strip("{}")
    return f"(?P<{name[:-1]}>.+)" if name.endswith("+") else f"(?P<{name}>[^/]+)"


def specificity(key: str, method: str) -> tuple[bool, int, bool]:
    greedy = "+}" in key
    return (not greedy, len(key.partition("{")[0]), key.startswith(f"{method} "))
