"""Read a template and its options into a deployment."""

from collections.abc import Mapping
from typing import Any

from gateway_emulator.errors import TemplateError
from gateway_emulator.identifiers import function_arn
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
from gateway_emulator.template.local_values import LocalValues
from gateway_emulator.template.openapi import routes_of_openapi
from gateway_emulator.template.options import DeploymentOptions
from gateway_emulator.template.parameters import parameter_values
from gateway_emulator.template.resources import EmulatedResources


def read_deployment(options: DeploymentOptions) -> Deployment:
    """Return what the template deploys; a TemplateError says what cannot be run."""
    if options.built and not options.deployed_template.exists():
        raise TemplateError(
            f"{options.deployed_template} does not exist: run `sam build` first."
        )
    template = load_template(options.deployed_template)
    parameters = parameter_values(template, options.parameters)
    try:
        transformed = transform(template, parameters, options.region)
        resources = EmulatedResources(transformed, parameters, options)
        return DeploymentReader(resources, options).read()
    except (
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        # A half-written template has values of any shape in any place.
        raise TemplateError(
            f"{options.deployed_template}: this is no valid template"
            f" ({type(error).__name__}: {error})."
        ) from error


class DeploymentReader:
    """Collects the APIs, routes and functions that the transformed template makes."""

    def __init__(
        self, resources: EmulatedResources, options: DeploymentOptions
    ) -> None:
        self.resources = resources
        self.options = options
        self.secrets = resources.secret_values()
        self.http_api_ids, self.websocket_api_ids = self.api_ids()
        addresses = {
            **{self.api_id(each): options.site_address for each in self.http_api_ids},
            **{
                self.api_id(each): options.socket_address
                for each in self.websocket_api_ids
            },
        }
        self.local_values = LocalValues(self.secrets, addresses)

    def read(self) -> Deployment:
        if not self.http_api_ids and not self.websocket_api_ids:
            raise TemplateError(
                f"{self.options.template}: the template has no HTTP API and no WebSocket API."
            )
        return Deployment(
            functions=read_functions(self.resources, self.local_values, self.options),
            http_api=self.http_api(self.http_api_ids[0]) if self.http_api_ids else None,
            websocket_api=(
                self.websocket_api(self.websocket_api_ids[0])
                if self.websocket_api_ids
                else None
            ),
            secrets=self.secrets,
        )

    def api_ids(self) -> tuple[list[str], list[str]]:
        """Return the logical ids of the HTTP APIs and of the WebSocket APIs, one of each at most."""
        made = self.resources.ids_of("AWS::ApiGatewayV2::Api")
        websocket = [
            each
            for each in made
            if self.resources.property(each, "ProtocolType") == "WEBSOCKET"
        ]
        http = [each for each in made if each not in websocket]
        for kind, apis in (("HTTP", http), ("WebSocket", websocket)):
            if len(apis) > 1:
                raise TemplateError(
                    f"{apis[1]}: the emulator serves one {kind} API, and {apis[0]} is one already."
                )
        return http, websocket

    def api_id(self, logical_id: str) -> str:
        return self.resources.state.api_id(logical_id)

    def property(self, logical_id: str, name: str, default: Any = None) -> Any:
        value = self.resources.property(logical_id, name, default)
        return self.local_values.localise(value, logical_id)

    def of_api(self, resource_type: str, api: str) -> list[str]:
        """Return the logical ids of an API's routes, stages or integrations."""
        return [
            each
            for each in self.resources.ids_of(resource_type)
            if self.property(each, "ApiId") == self.api_id(api)
        ]

    def http_api(self, api: str) -> HttpApi:
        stages = self.stages(api)
        if len(stages) != 1:
            raise TemplateError(
                f"{api}: an HTTP API is served with one stage, not {len(stages)}."
            )
        body = self.property(api, "Body")
        routes = routes_of_openapi(body, api) if body else self.routes(api)
        for route in routes.values():
            if route.integration.type is not IntegrationType.AWS_PROXY:
                raise TemplateError(
                    f"{api}: route {route.key!r} of an HTTP API must be AWS_PROXY."
                )
        return HttpApi(self.api_id(api), stages[0], routes)

    def websocket_api(self, api: str) -> WebSocketApi:
        stages = self.stages(api)
        if not stages:
            raise TemplateError(f"{api}: the WebSocket API has no stage.")
        return WebSocketApi(
            api_id=self.api_id(api),
            route_selection_expression=self.property(
                api, "RouteSelectionExpression", "$request.body.action"
            ),
            routes=self.routes(api),
            stages=tuple(stages),
        )

    def stages(self, api: str) -> list[Stage]:
        return [
            Stage(
                name=self.property(each, "StageName"),
                variables=self.property(each, "StageVariables", {}),
            )
            for each in self.of_api("AWS::ApiGatewayV2::Stage", api)
        ]

    def routes(self, api: str) -> dict[str, Route]:
        integrations = {
            each: self.integration(each)
            for each in self.of_api("AWS::ApiGatewayV2::Integration", api)
        }
        two_way = {
            self.property(each, "RouteId")
            for each in self.of_api("AWS::ApiGatewayV2::RouteResponse", api)
        }
        routes = [
            self.route(each, integrations, answers=each in two_way)
            for each in self.of_api("AWS::ApiGatewayV2::Route", api)
        ]
        return {route.key: route for route in routes}

    def route(
        self, route: str, integrations: Mapping[str, Integration], *, answers: bool
    ) -> Route:
        authorization = self.property(route, "AuthorizationType", "NONE")
        if authorization != "NONE":
            raise TemplateError(
                f"{route}: AuthorizationType {authorization} is not supported."
            )
        target = str(self.property(route, "Target", "")).removeprefix("integrations/")
        if target not in integrations:
            raise TemplateError(
                f"{route}: its Target {target!r} is no integration of its API."
            )
        return Route(self.property(route, "RouteKey"), integrations[target], answers)

    def integration(self, integration: str) -> Integration:
        written = self.property(integration, "IntegrationType")
        try:
            integration_type = IntegrationType(written)
        except ValueError:
            raise TemplateError(
                f"{integration}: IntegrationType {written} is not supported."
            ) from None
        self.require_payload_format(integration)
        uri = str(self.property(integration, "IntegrationUri", ""))
        if integration_type is IntegrationType.AWS_PROXY:
            uri = function_arn(uri)
        elif not uri.startswith(("http://", "https://")):
            raise TemplateError(
                f"{integration}: IntegrationUri {uri!r} is no HTTP address."
            )
        return Integration(
            type=integration_type,
            uri=uri,
            method=self.property(integration, "IntegrationMethod", "POST"),
            timeout=int(self.property(integration, "TimeoutInMillis", 29_000)) / 1000,
            request_parameters=self.property(integration, "RequestParameters", {}),
        )

    def require_payload_format(self, integration: str) -> None:
        """Refuse the format that AWS refuses, or that is not emulated."""
        websocket_apis = [self.api_id(each) for each in self.websocket_api_ids]
        is_websocket = self.property(integration, "ApiId") in websocket_apis
        supported = (None, "1.0") if is_websocket else ("2.0",)
        written = self.property(integration, "PayloadFormatVersion")
        if written not in supported:
            wanted = supported[-1]
            raise TemplateError(
                f"{integration}: PayloadFormatVersion must be {wanted}, not {written}."
            )
