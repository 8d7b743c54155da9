"""Resolve CloudFormation's intrinsic functions and conditions."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from gateway_emulator.errors import TemplateError

NO_VALUE = object()  # Ref AWS::NoValue: the property is left out


def text(value: Any) -> str:
    """Write a value as CloudFormation does where a text is wanted."""
    return str(value).lower() if isinstance(value, bool) else str(value)


class ResourceValues(Protocol):
    """What `Ref` and `Fn::GetAtt` give for a resource."""

    def ref(self, logical_id: str) -> Any: ...

    def attribute(self, logical_id: str, name: str) -> Any: ...


class Intrinsics:
    """Resolves values of one template; an unsupported function is an error that names it and its resource."""

    def __init__(
        self,
        template: Mapping[str, Any],
        parameters: Mapping[str, Any],
        resource_values: ResourceValues,
    ) -> None:
        self.resources: Mapping[str, Any] = template["Resources"]
        self.conditions: Mapping[str, Any] = template.get("Conditions") or {}
        self.mappings: Mapping[str, Any] = template.get("Mappings") or {}
        self.parameters = parameters
        self.resource_values = resource_values
        self.functions: Mapping[str, Callable[[Any, str], Any]] = {
            "Ref": self.ref,
            "Fn::GetAtt": self.get_att,
            "Fn::Sub": self.sub,
            "Fn::If": self.if_,
            "Fn::Join": self.join,
            "Fn::Select": self.select,
            "Fn::Split": self.split,
            "Fn::FindInMap": self.find_in_map,
        }
        self.operators: Mapping[str, Callable[[list[Any], str], bool]] = {
            "Fn::Equals": self.equals,
            "Fn::And": self.all_hold,
            "Fn::Or": self.any_holds,
            "Fn::Not": self.none_holds,
        }

    def resolve(self, value: Any, resource: str) -> Any:
        """Return `value` with every intrinsic function in it replaced by its result."""
        if isinstance(value, list):
            items = [self.resolve(item, resource) for item in value]
            return [item for item in items if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name in self.functions:
                return self.call(name, argument, resource)
            if name.startswith("Fn::"):
                raise TemplateError(f"{resource}: {name} is not supported.")
        members = {key: self.resolve(item, resource) for key, item in value.items()}
        return {key: item for key, item in members.items() if item is not NO_VALUE}

    def call(self, name: str, argument: Any, resource: str) -> Any:
        try:
            return self.functions[name](argument, resource)
        except (AttributeError, TypeError, ValueError) as error:
            raise TemplateError(
                f"{resource}: {name} cannot be applied to {argument!r}."
            ) from error

    def is_made(self, logical_id: str) -> bool:
        """Say whether a resource's condition holds, so that CloudFormation makes it."""
        condition = self.resources[logical_id].get("Condition")
        return condition is None or self.condition(condition, logical_id)

    def condition(self, name: str, resource: str) -> bool:
        if name not in self.conditions:
            raise TemplateError(f"{resource}: there is no condition {name!r}.")
        return self.truth(self.conditions[name], f"Condition {name}")

    def truth(self, expression: Any, resource: str) -> bool:
        if not isinstance(expression, dict) or len(expression) != 1:
            raise TemplateError(f"{resource}: {expression!r} is not a condition.")
        ((name, argument),) = expression.items()
        if name == "Condition":
            return self.condition(argument, resource)
        if name not in self.operators:
            raise TemplateError(f"{resource}: {name} is not supported in a condition.")
        if not isinstance(argument, list):
            raise TemplateError(f"{resource}: {name} takes a list, not {argument!r}.")
        return self.operators[name](argument, resource)

    def equals(self, values: list[Any], resource: str) -> bool:
        return len({text(self.resolve(value, resource)) for value in values}) == 1

    def all_hold(self, conditions: list[Any], resource: str) -> bool:
        return all(self.truth(condition, resource) for condition in conditions)

    def any_holds(self, conditions: list[Any], resource: str) -> bool:
        return any(self.truth(condition, resource) for condition in conditions)

    def none_holds(self, conditions: list[Any], resource: str) -> bool:
        return not self.any_holds(conditions, resource)

    def ref(self, name: Any, resource: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self.parameters:
            return self.parameters[name]
        if name not in self.resources:
            raise TemplateError(
                f"{resource}: Ref {name!r} names no parameter and no resource."
            )
        return self.resource_values.ref(name)

    def get_att(self, argument: Any, resource: str) -> Any:
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        logical_id, attribute = (self.resolve(part, resource) for part in parts)
        if logical_id not in self.resources:
            raise TemplateError(
                f"{resource}: Fn::GetAtt {logical_id!r} names no resource."
            )
        try:
            return self.resource_values.attribute(logical_id, attribute)
        except KeyError:
            raise TemplateError(
                f"{resource}: Fn::GetAtt {logical_id}.{attribute} is not supported."
            ) from None

    def sub(self, argument: Any, resource: str) -> str:
        pattern, given = argument if isinstance(argument, list) else (argument, {})
        variables = {name: self.resolve(each, resource) for name, each in given.items()}

        def replacement(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in variables:
                return text(variables[name])
            if "." in name:
                return text(self.get_att(name, resource))
            return text(self.ref(name, resource))

        return re.sub(r"\$\{([^}]+)\}", replacement, pattern)

    def if_(self, argument: Any, resource: str) -> Any:
        name, when_true, when_false = argument
        chosen = when_true if self.condition(name, resource) else when_false
        return self.resolve(chosen, resource)

    def join(self, argument: Any, resource: str) -> str:
        separator, parts = argument
        resolved: list[Any] = self.resolve(parts, resource)
        return str(separator).join(text(part) for part in resolved)

    def select(self, argument: Any, resource: str) -> Any:
        index, items = (self.resolve(part, resource) for part in argument)
        try:
            return items[int(index)]
        except (IndexError, ValueError):
            raise TemplateError(
                f"{resource}: Fn::Select has no item {index}."
            ) from None

    def split(self, argument: Any, resource: str) -> list[str]:
        separator, joined = (self.resolve(part, resource) for part in argument)
        return text(joined).split(str(separator))

    def find_in_map(self, argument: Any, resource: str) -> Any:
        keys = [self.resolve(key, resource) for key in argument]
        found: Any = self.mappings
        for key in keys:
            if not isinstance(found, Mapping) or key not in found:
                raise TemplateError(
                    f"{resource}: Fn::FindInMap finds nothing at {keys}."
                )
            found = found[key]
        return found
