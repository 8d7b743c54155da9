"""What `Ref` and `Fn::GetAtt` give for each resource type."""

from collections.abc import Callable, Mapping
from typing import Any

from gateway_emulator.errors import TemplateError
from gateway_emulator.identifiers import ACCOUNT
from gateway_emulator.template.intrinsics import Intrinsics
from gateway_emulator.template.options import DeploymentOptions
from gateway_emulator.template.state import State

PARTITION = "aws"
URL_SUFFIX = "amazonaws.com"


def pseudo_parameters(options: DeploymentOptions) -> dict[str, Any]:
    """Return the pseudo parameters; AWS::NoValue is the intrinsic functions' own."""
    stack = f"stack/{options.stack_name}/00000000-0000-0000-0000-000000000000"
    return {
        "AWS::AccountId": ACCOUNT,
        "AWS::NotificationARNs": [],
        "AWS::Partition": PARTITION,
        "AWS::Region": options.region,
        "AWS::StackId": f"arn:{PARTITION}:cloudformation:{options.region}:{ACCOUNT}:{stack}",
        "AWS::StackName": options.stack_name,
        "AWS::URLSuffix": URL_SUFFIX,
    }


class EmulatedResources:
    """The names, ids and ARNs that CloudFormation would have given."""

    def __init__(
        self,
        template: Mapping[str, Any],
        parameters: Mapping[str, Any],
        options: DeploymentOptions,
    ) -> None:
        self.options = options
        self.state = State(options.state_file, options.socket_address)
        self.resources: Mapping[str, Any] = template["Resources"]
        self.intrinsics = Intrinsics(
            template, {**pseudo_parameters(options), **parameters}, self
        )

    def ids_of(self, resource_type: str) -> list[str]:
        """Return the logical ids of the resources of a type that are made, in the template's order."""
        return [
            logical_id
            for logical_id, resource in self.resources.items()
            if resource.get("Type") == resource_type
            and self.intrinsics.is_made(logical_id)
        ]

    def property(self, logical_id: str, name: str, default: Any = None) -> Any:
        """Return a property of a resource, its intrinsic functions resolved."""
        properties = self.resources[logical_id].get("Properties") or {}
        return self.intrinsics.resolve(properties.get(name, default), logical_id)

    def ref(self, logical_id: str) -> Any:
        match self.resources[logical_id].get("Type"):
            case "AWS::ApiGatewayV2::Api":
                return self.api_id(logical_id)
            case "AWS::ApiGatewayV2::Stage":
                return self.property(logical_id, "StageName")
            case "AWS::Lambda::Function":
                return self.function_name(logical_id)
            case "AWS::Lambda::Alias" | "AWS::Lambda::Version":
                return self.qualified_function_arn(logical_id)
            case "AWS::SecretsManager::Secret":
                return self.secret_arn(logical_id)
            case "AWS::SQS::Queue":
                return ""  # there is no queue here: --env names one for whoever has one
        return logical_id

    def attribute(self, logical_id: str, name: str) -> Any:
        """Return a resource's attribute; KeyError for one that is not known here."""
        resource_type = str(self.resources[logical_id].get("Type"))
        attributes: dict[tuple[str, str], Callable[[str], Any]] = {
            ("AWS::ApiGatewayV2::Api", "ApiId"): self.api_id,
            ("AWS::ApiGatewayV2::Api", "ApiEndpoint"): self.api_endpoint,
            ("AWS::Lambda::Function", "Arn"): self.function_arn,
            ("AWS::Lambda::Version", "Version"): lambda _: "1",
            ("AWS::SecretsManager::Secret", "Id"): self.secret_arn,
            ("AWS::SQS::Queue", "QueueName"): str,
            ("AWS::SQS::Queue", "QueueUrl"): self.ref,
        }
        if (resource_type, name) in attributes:
            return attributes[resource_type, name](logical_id)
        if name == "Arn":
            return self.arn(resource_type.split("::")[1].lower(), logical_id)
        raise KeyError(name)

    def function_arn(self, logical_id: str) -> str:
        return self.arn("lambda", f"function:{self.function_name(logical_id)}")

    def arn(self, service: str, resource: str) -> str:
        return f"arn:{PARTITION}:{service}:{self.options.region}:{ACCOUNT}:{resource}"

    def function_name(self, logical_id: str) -> str:
        return str(
            self.property(logical_id, "FunctionName")
            or f"{self.options.stack_name}-{logical_id}"
        )

    def qualified_function_arn(self, logical_id: str) -> str:
        qualifier = self.property(logical_id, "Name") or "1"
        function = str(self.property(logical_id, "FunctionName"))
        arn = (
            function if ":" in function else self.arn("lambda", f"function:{function}")
        )
        return f"{arn}:{qualifier}"

    def is_websocket_api(self, logical_id: str) -> bool:
        return bool(self.property(logical_id, "ProtocolType") == "WEBSOCKET")

    def api_id(self, logical_id: str) -> str:
        """Return the id that the command line gives, or one that stays from start to start."""
        given = self.options.websocket_api_id
        if given is not None and self.is_websocket_api(logical_id):
            return given
        return self.state.api_id(logical_id)

    def api_endpoint(self, logical_id: str) -> str:
        scheme = "wss" if self.is_websocket_api(logical_id) else "https"
        api_id = self.api_id(logical_id)
        return f"{scheme}://{api_id}.execute-api.{self.options.region}.{URL_SUFFIX}"

    def secret_arn(self, logical_id: str) -> str:
        name = self.property(logical_id, "Name") or logical_id
        return self.arn("secretsmanager", f"secret:{name}-AbCdEf")

    def secret_values(self) -> dict[str, str]:
        """Return the text of every secret of the template, by ARN."""
        return {
            self.secret_arn(logical_id): self.secret_value(logical_id)
            for logical_id in self.ids_of("AWS::SecretsManager::Secret")
        }

    def secret_value(self, logical_id: str) -> str:
        written = self.property(logical_id, "SecretString")
        if written is not None:
            return str(written)
        generate = self.property(logical_id, "GenerateSecretString", {})
        try:
            return self.state.secret(logical_id, generate)
        except (IndexError, KeyError, TypeError, ValueError) as error:
            raise TemplateError(
                f"{logical_id}: GenerateSecretString is not valid."
            ) from error
