"""Read the routes of an HTTP API that SAM describes as an OpenAPI document."""

from collections.abc import Mapping
from typing import Any

from gateway_emulator.errors import TemplateError
from gateway_emulator.identifiers import function_arn
from gateway_emulator.template.deployment import Integration, IntegrationType, Route

INTEGRATION = "x-amazon-apigateway-integration"
ANY_METHOD = "x-amazon-apigateway-any-method"


def routes_of_openapi(body: Mapping[str, Any], api: str) -> dict[str, Route]:
    """Return the routes, keyed as API Gateway writes them: `GET /path`, `ANY /path`, `$default`."""
    routes = [
        route_of_operation(path, method, operation, api)
        for path, operations in (body.get("paths") or {}).items()
        for method, operation in operations.items()
        if isinstance(operation, Mapping) and INTEGRATION in operation
    ]
    return {route.key: route for route in routes}


def route_of_operation(
    path: str, method: str, operation: Mapping[str, Any], api: str
) -> Route:
    integration = operation[INTEGRATION]
    if operation.get("security"):
        raise TemplateError(f"{api}: the authorizer of {path} is not supported.")
    if str(integration.get("type", "")).lower() != "aws_proxy":
        raise TemplateError(f"{api}: the integration of {path} is not supported.")
    if str(integration.get("payloadFormatVersion")) != "2.0":
        raise TemplateError(f"{api}: {path} must use payload format 2.0.")
    return Route(
        key=route_key(path, method),
        integration=Integration(
            type=IntegrationType.AWS_PROXY,
            uri=function_arn(str(integration["uri"])),
        ),
    )


def route_key(path: str, method: str) -> str:
    if path in ("/$default", "$default"):
        return "$default"
    return f"{'ANY' if method == ANY_METHOD else method.upper()} {path}"
