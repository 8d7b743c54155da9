"""Read a template and its options into a deployment."""

from collections.abc import Mapping

from gateway_emulator.errors import TemplateError
from gateway_emulator.identifiers import function_arn, unqualified_arn
from gateway_emulator.limits import (
    HTTP_INTEGRATION_MILLISECONDS,
    SHORTEST_INTEGRATION_MILLISECONDS,
    WEBSOCKET_INTEGRATION_MILLISECONDS,
)
from gateway_emulator.template.deployment import (
    Deployment,
    HttpApi,
    Integration,
    IntegrationType,
    Route,
    Stage,
    WebSocketApi,
)
from gateway_emulator.template.functions import read_functions
from gateway_emulator.template.loading import load_template, transform
from gateway_emulator.template.local_template import LocalTemplate
from gateway_emulator.template.openapi import routes_of_openapi
from gateway_emulator.template.options import DeploymentOptions
from gateway_emulator.template.parameters import parameter_values
from gateway_emulator.template.resources import EmulatedResources


def read_deployment(options: DeploymentOptions) -> Deployment:
    """Return what the template deploys; a TemplateError says what cannot be run."""
    path = options.deployed_template
    if options.built is not None and not path.exists():
        raise TemplateError(
            f"{path} does not exist: run `make build` or `sam build` first."
        )
    template = load_template(path)
    parameters = parameter_values(template, options.parameters)
    try:
        transformed = transform(template, parameters, options.region)
        resources = EmulatedResources(transformed, parameters, options)
        return deployment_of(LocalTemplate(resources, options))
    except (
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        # A half-written template has values of any shape in any place.
        raise TemplateError(
            f"{path}: this is no valid template ({type(error).__name__}: {error})."
        ) from error


def deployment_of(template: LocalTemplate) -> Deployment:
    http_api, websocket_api = template.http_api, template.websocket_api
    http = read_http_api(template, http_api) if http_api else None
    websocket = read_websocket_api(template, websocket_api) if websocket_api else None
    routes = [
        route for api in (http, websocket) if api for route in api.routes.values()
    ]
    reached = {unqualified_arn(route.integration.uri) for route in routes}
    functions, absent = read_functions(template, reached)
    return Deployment(
        functions=functions,
        absent_functions=absent,
        http_api=http,
        websocket_api=websocket,
        secrets=template.secrets,
    )


def read_http_api(template: LocalTemplate, api: str) -> HttpApi:
    stages = read_stages(template, api)
    if len(stages) != 1:
        raise TemplateError(
            f"{api}: an HTTP API is served with one stage, not {len(stages)}."
        )
    if template.property(api, "CorsConfiguration"):
        raise TemplateError(f"{api}: CorsConfiguration is not supported.")
    body = template.property(api, "Body")
    routes = routes_of_openapi(body, api) if body else read_routes(template, api)
    for route in routes.values():
        if route.integration.type is not IntegrationType.AWS_PROXY:
            raise TemplateError(
                f"{api}: route {route.key!r} of an HTTP API must be AWS_PROXY."
            )
    return HttpApi(template.api_id(api), stages[0], routes)


def read_websocket_api(template: LocalTemplate, api: str) -> WebSocketApi:
    stages = read_stages(template, api)
    if not stages:
        raise TemplateError(f"{api}: the WebSocket API has no stage.")
    return WebSocketApi(
        api_id=template.api_id(api),
        route_selection_expression=template.property(
            api, "RouteSelectionExpression", "$request.body.action"
        ),
        routes=read_routes(template, api),
        stages=tuple(stages),
    )


def read_stages(template: LocalTemplate, api: str) -> list[Stage]:
    return [
        Stage(
            name=template.property(each, "StageName"),
            variables=template.property(each, "StageVariables", {}),
        )
        for each in template.ids_of_api("AWS::ApiGatewayV2::Stage", api)
    ]


def read_routes(template: LocalTemplate, api: str) -> dict[str, Route]:
    integrations = {
        each: read_integration(template, each)
        for each in template.ids_of_api("AWS::ApiGatewayV2::Integration", api)
    }
    two_way = {
        template.property(each, "RouteId")
        for each in template.ids_of_api("AWS::ApiGatewayV2::RouteResponse", api)
    }
    routes = [
        read_route(template, each, integrations, answers=each in two_way)
        for each in template.ids_of_api("AWS::ApiGatewayV2::Route", api)
    ]
    return {route.key: route for route in routes}


def read_route(
    template: LocalTemplate,
    route: str,
    integrations: Mapping[str, Integration],
    *,
    answers: bool,
) -> Route:
    authorization = template.property(route, "AuthorizationType", "NONE")
    if authorization != "NONE":
        raise TemplateError(
            f"{route}: AuthorizationType {authorization} is not supported."
        )
    target = str(template.property(route, "Target", "")).removeprefix("integrations/")
    if target not in integrations:
        raise TemplateError(
            f"{route}: its Target {target!r} is no integration of its API."
        )
    key = template.property(route, "RouteKey")
    return Route(key, integrations[target], answers)


def read_integration(template: LocalTemplate, integration: str) -> Integration:
    written = template.property(integration, "IntegrationType")
    try:
        integration_type = IntegrationType(written)
    except ValueError:
        raise TemplateError(
            f"{integration}: IntegrationType {written} is not supported."
        ) from None
    require_payload_format(template, integration)
    uri = str(template.property(integration, "IntegrationUri", ""))
    if integration_type is IntegrationType.AWS_PROXY:
        uri = function_arn(uri)
    elif not uri.startswith(("http://", "https://")):
        raise TemplateError(
            f"{integration}: IntegrationUri {uri!r} is no HTTP address."
        )
    return Integration(
        type=integration_type,
        uri=uri,
        method=template.property(integration, "IntegrationMethod", "POST"),
        timeout=integration_timeout(template, integration),
        request_parameters=template.property(integration, "RequestParameters", {}),
    )


def integration_timeout(template: LocalTemplate, integration: str) -> float:
    """Return the seconds that a backend has; by default the longest that AWS allows."""
    longest = (
        WEBSOCKET_INTEGRATION_MILLISECONDS
        if is_websocket_integration(template, integration)
        else HTTP_INTEGRATION_MILLISECONDS
    )
    milliseconds = template.number(integration, "TimeoutInMillis", longest)
    if not SHORTEST_INTEGRATION_MILLISECONDS <= milliseconds <= longest:
        raise TemplateError(
            f"{integration}: TimeoutInMillis must be {SHORTEST_INTEGRATION_MILLISECONDS}"
            f" to {longest}, not {milliseconds:g}."
        )
    return milliseconds / 1000


def is_websocket_integration(template: LocalTemplate, integration: str) -> bool:
    api_id = template.property(integration, "ApiId")
    return bool(api_id == template.api_id(template.websocket_api))


def require_payload_format(template: LocalTemplate, integration: str) -> None:
    """Refuse the format that AWS refuses, or that is not emulated."""
    is_websocket = is_websocket_integration(template, integration)
    supported = (None, "1.0") if is_websocket else ("2.0",)
    written = template.property(integration, "PayloadFormatVersion")
    if written not in supported:
        raise TemplateError(
            f"{integration}: PayloadFormatVersion must be {supported[-1]}, not {written}."
        )
