"""What the emulator makes of a template's parts."""

from pathlib import Path
from typing import Any

from gateway_emulator.template import Deployment, DeploymentOptions, read_deployment
from tests.emulator.templates import Resources, function, http_api, write_template


def deployment_of(folder: Path, *parts: Resources, **arguments: Any) -> Deployment:
    options = {
        name: arguments.pop(name)
        for name in ("parameters", "environment")
        if name in arguments
    }
    template = write_template(folder, *parts, **arguments)
    return read_deployment(DeploymentOptions(template, **options))


def value_of(folder: Path, value: Any, **arguments: Any) -> str:
    """Return what a function's variable resolves to."""
    properties = {"Environment": {"Variables": {"VALUE": value}}}
    parts = arguments.pop("parts", [])
    deployment = deployment_of(
        folder, function(**properties), http_api(), *parts, **arguments
    )
    return deployment.functions["Function"].environment["VALUE"]


SECTIONS = {
    "Parameters": {
        "Color": {
            "Type": "String",
            "Default": "blue",
            "AllowedValues": ["blue", "red"],
        },
        "Zones": {"Type": "CommaDelimitedList", "Default": "a, b"},
        "Size": {"Type": "Number", "Default": 7},
    },
    "Conditions": {
        "IsBlue": {"Fn::Equals": [{"Ref": "Color"}, "blue"]},
        "IsRed": {"Fn::Not": [{"Condition": "IsBlue"}]},
        "Both": {"Fn::And": [{"Condition": "IsBlue"}, {"Condition": "IsRed"}]},
        "Either": {"Fn::Or": [{"Condition": "IsBlue"}, {"Condition": "IsRed"}]},
    },
    "Mappings": {"Sizes": {"blue": {"Value": "small"}}},
}
