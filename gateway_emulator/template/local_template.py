"""A transformed template as it is deployed here: every value resolved and made local."""

from typing import Any

from gateway_emulator.errors import TemplateError
from gateway_emulator.template.local_values import LocalValues
from gateway_emulator.template.options import DeploymentOptions
from gateway_emulator.template.resources import EmulatedResources


class LocalTemplate:
    """Answers what a resource's property is on this machine."""

    def __init__(
        self, resources: EmulatedResources, options: DeploymentOptions
    ) -> None:
        self.resources = resources
        self.options = options
        self.secrets = resources.secret_values()
        self.http_api, self.websocket_api = self.apis()
        addresses = {
            self.api_id(self.http_api): options.site_address,
            self.api_id(self.websocket_api): options.socket_address,
        }
        self.local_values = LocalValues(self.secrets, addresses)

    def apis(self) -> tuple[str | None, str | None]:
        """Return the logical ids of the HTTP API and of the WebSocket API, one of each at most."""
        made = self.resources.ids_of("AWS::ApiGatewayV2::Api")
        websocket = [each for each in made if self.resources.is_websocket_api(each)]
        http = [each for each in made if each not in websocket]
        return the_only("HTTP", http), the_only("WebSocket", websocket)

    def api_id(self, logical_id: str | None) -> str:
        return self.resources.api_id(logical_id) if logical_id else ""

    def ids_of(self, resource_type: str) -> list[str]:
        return self.resources.ids_of(resource_type)

    def ids_of_api(self, resource_type: str, api: str) -> list[str]:
        """Return the logical ids of an API's routes, stages or integrations."""
        return [
            each
            for each in self.ids_of(resource_type)
            if self.property(each, "ApiId") == self.api_id(api)
        ]

    def property(self, logical_id: str, name: str, default: Any = None) -> Any:
        value = self.resources.property(logical_id, name, default)
        return self.local_values.localise(value, logical_id)

    def number(self, logical_id: str, name: str, default: float) -> float:
        value = self.property(logical_id, name, default)
        try:
            return float(value)
        except (TypeError, ValueError):
            raise TemplateError(
                f"{logical_id}: {name} must be a number, not {value!r}."
            ) from None

    def value(self, written: Any, logical_id: str) -> Any:
        """Return a part of a resource, resolved."""
        resolved = self.resources.intrinsics.resolve(written, logical_id)
        return self.local_values.localise(resolved, logical_id)


def the_only(kind: str, apis: list[str]) -> str | None:
    if len(apis) > 1:
        raise TemplateError(
            f"{apis[1]}: the emulator serves one {kind} API, and {apis[0]} is one already."
        )
    return apis[0] if apis else None
