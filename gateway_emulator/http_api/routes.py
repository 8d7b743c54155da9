"""Choose the route of an HTTP request.

Source: "Create routes for HTTP APIs", API Gateway Developer Guide: a full match wins over a
greedy path variable, and that over $default.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest

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
    literals, variables = parts_of_pattern(pattern)
    groups = ["(.+)" if name.endswith("+") else "([^/]+)" for name in variables]
    expression = "".join(
        re.escape(literal) + group
        for literal, group in zip_longest(literals, groups, fillvalue="")
    )
    match = re.fullmatch(expression, path)
    if match is None:
        return None
    names = [name.removesuffix("+") for name in variables]
    return dict(zip(names, match.groups(), strict=True))


def parts_of_pattern(pattern: str) -> tuple[list[str], list[str]]:
    """Split `/a/{b}/{c+}` into what is literal and the names of the variables."""
    parts = re.split(r"\{([^}]+)\}", pattern)
    return parts[::2], parts[1::2]


def specificity(key: str, method: str) -> tuple[bool, int, bool]:
    wanted_method, _, pattern = key.partition(" ")
    greedy = "+}" in pattern
    return (not greedy, len(pattern.partition("{")[0]), wanted_method == method)
