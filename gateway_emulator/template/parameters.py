"""The values of a template's parameters: defaults, overridden by the command line."""

from collections.abc import Mapping
from typing import Any

from gateway_emulator.errors import TemplateError
from gateway_emulator.template.intrinsics import text


def parameter_values(
    template: Mapping[str, Any], overrides: Mapping[str, str]
) -> dict[str, Any]:
    """Return a value for every parameter; an unknown, missing or refused one is an error."""
    declared: Mapping[str, Any] = template.get("Parameters") or {}
    for name in overrides:
        if name not in declared:
            known = ", ".join(declared) or "none"
            raise TemplateError(
                f"{name}: the template has no such parameter (it has: {known})."
            )
    return {
        name: parameter_value(name, declaration, overrides.get(name))
        for name, declaration in declared.items()
    }


def parameter_value(
    name: str, declaration: Mapping[str, Any], given: str | None
) -> Any:
    value = declaration.get("Default") if given is None else given
    if value is None:
        raise TemplateError(
            f"{name}: this parameter has no default; give --parameter {name}=…"
        )
    allowed = declaration.get("AllowedValues")
    if allowed and text(value) not in [text(each) for each in allowed]:
        choices = ", ".join(text(each) for each in allowed)
        raise TemplateError(
            f"{name}: {value!r} is not allowed (choose one of: {choices})."
        )
    kind = str(declaration.get("Type", "String"))
    if kind.startswith("AWS::SSM::"):
        raise TemplateError(f"{name}: parameters of type {kind} are not supported.")
    if kind == "CommaDelimitedList" or kind.startswith("List<"):
        return [part.strip() for part in str(value).split(",")]
    return text(value)
