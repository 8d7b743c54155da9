"""What is deployed: plain values that the servers read, replaced as a whole when the template changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from gateway_emulator.errors import TemplateError


@dataclass(frozen=True)
class Function:
    """A Lambda function and the folder that holds its code."""

    name: str
    arn: str
    handler: str
    code: Path
    environment: Mapping[str, str]
    timeout: float
    memory: int
    runtime: str


class IntegrationType(Enum):
    """How a route reaches its backend."""

    AWS_PROXY = "AWS_PROXY"  # the event goes to a Lambda function
    HTTP_PROXY = "HTTP_PROXY"  # the event becomes an HTTP request


@dataclass(frozen=True)
class Integration:
    """A route's backend: `uri` is a function's ARN for AWS_PROXY, an address for HTTP_PROXY."""

    type: IntegrationType
    uri: str
    method: str = "POST"
    timeout: float = 29.0
    request_parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    """A route; `answers` is true for a two-way WebSocket route, one with a route response."""

    key: str
    integration: Integration
    answers: bool = False


@dataclass(frozen=True)
class Stage:
    name: str
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class HttpApi:
    api_id: str
    stage: Stage
    routes: Mapping[str, Route]


@dataclass(frozen=True)
class WebSocketApi:
    api_id: str
    route_selection_expression: str
    routes: Mapping[str, Route]
    stages: tuple[Stage, ...]

    def stage(self, name: str) -> Stage | None:
        return next((stage for stage in self.stages if stage.name == name), None)


@dataclass(frozen=True)
class Deployment:
    """One snapshot of everything the template describes and the emulator runs."""

    functions: Mapping[str, Function]  # by logical id
    absent_functions: Mapping[str, str]  # why others of the template cannot run, by id
    http_api: HttpApi | None
    websocket_api: WebSocketApi | None
    secrets: Mapping[str, str]  # by ARN

    def function(self, logical_id: str) -> Function:
        """Return a function; a TemplateError says why it cannot be had."""
        if logical_id in self.functions:
            return self.functions[logical_id]
        if logical_id in self.absent_functions:
            raise TemplateError(self.absent_functions[logical_id])
        known = ", ".join(self.functions) or "none"
        raise TemplateError(
            f"The template has no function {logical_id!r} (it has: {known})."
        )
