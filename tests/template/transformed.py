"""What CloudFormation gets of template.yaml, in either mode."""

from functools import cache
from pathlib import Path
from typing import Any

from gateway_emulator.template.loading import load_template, transform
from tests.template.check import REGION

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "template.yaml"

Resources = dict[str, Any]


@cache
def transformed(mode: str) -> Resources:
    """Return the resources that a mode's transform gives."""
    parameters = {"WebSocketIntegration": mode}
    made: Resources = transform(load_template(TEMPLATE), parameters, REGION)[
        "Resources"
    ]
    return made


def of_type(resources: Resources, resource_type: str) -> dict[str, dict[str, Any]]:
    """Return the properties of the resources of a type, by logical id."""
    return {
        name: resource["Properties"]
        for name, resource in resources.items()
        if resource["Type"] == resource_type
    }


def arn_of(logical_id: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [logical_id, "Arn"]}
