"""What a template's functions and conditions come to."""

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_emulator.errors import TemplateError
from gateway_emulator.template.intrinsics import Intrinsics
from tests.emulator.deployments import SECTIONS, deployment_of, value_of
from tests.emulator.templates import Resources, function, http_api


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ("text", "text"),
        ({"Ref": "Color"}, "blue"),
        ({"Ref": "Size"}, "7"),
        ({"Ref": "AWS::Region"}, "us-east-1"),
        ({"Fn::Sub": "${Color}-${!Literal}-${AWS::Partition}"}, "blue-${Literal}-aws"),
        ({"Fn::Sub": ["${Own}/${Color}", {"Own": {"Ref": "Size"}}]}, "7/blue"),
        ({"Fn::Sub": "${Function.Arn}"}, "arn:aws:lambda:us-east-1:123456789012:function:{folder}-Function"),
        ({"Fn::If": ["IsBlue", "yes", "no"]}, "yes"),
        ({"Fn::If": ["IsRed", "yes", "no"]}, "no"),
        ({"Fn::If": ["Both", "yes", "no"]}, "no"),
        ({"Fn::If": ["Either", "yes", "no"]}, "yes"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Color"}]]}, "a-blue"),
        ({"Fn::Join": ["+", {"Ref": "Zones"}]}, "a+b"),
        ({"Fn::Select": [1, {"Ref": "Zones"}]}, "b"),
        ({"Fn::Select": [0, {"Fn::Split": ["-", "x-y"]}]}, "x"),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Color"}, "Value"]}, "small"),
        ({"Ref": "Queue"}, ""),
        ({"Fn::GetAtt": ["Queue", "QueueUrl"]}, ""),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, "arn:aws:sqs:us-east-1:123456789012:Queue"),
        ({"Ref": "HttpStage"}, "$default"),
    ],
)  # fmt: skip
def test_intrinsic_functions_are_resolved(
    tmp_path: Path, value: Any, resolved: str
) -> None:
    queue: Resources = {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {}}}

    assert value_of(tmp_path, value, parts=[queue], **SECTIONS) == resolved.replace(
        "{folder}", tmp_path.name
    )


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"Fn::ImportValue": "x"}, "Function: Fn::ImportValue is not supported."),
        ({"Fn::GetAZs": ""}, "Function: Fn::GetAZs is not supported."),
        ({"Fn::GetAtt": ["HttpApi", "Colour"]}, "Function: Fn::GetAtt HttpApi.Colour is not supported."),
        ({"Fn::GetAtt": ["Nothing", "Arn"]}, "Function: Fn::GetAtt 'Nothing' names no resource."),
        ({"Ref": "Nothing"}, "Function: Ref 'Nothing' names no parameter and no resource."),
        ({"Fn::If": ["Unknown", 1, 2]}, "Function: there is no condition 'Unknown'."),
        ({"Fn::Select": [9, ["a"]]}, "Function: Fn::Select has no item 9."),
        ({"Fn::FindInMap": ["a", "b", "c"]}, "Function: Fn::FindInMap finds nothing at ['a', 'b', 'c']."),
        ("{{resolve:ssm:/a/b}}", "Function: references to ssm are not supported."),
        (
            {"Fn::Sub": "{{resolve:secretsmanager:${Secret}:SecretString:key}}"},
            "Function: the secret has no key 'key'.",
        ),
        (
            "{{resolve:secretsmanager:theirs:SecretString}}",
            "Function: secret 'theirs' is not in the template; give its value with --env.",
        ),
    ],
)  # fmt: skip
def test_what_is_not_supported_is_named_with_its_resource(
    tmp_path: Path, value: Any, sentence: str
) -> None:
    secret: Resources = {
        "Secret": {
            "Type": "AWS::SecretsManager::Secret",
            "Properties": {"SecretString": "plain"},
        }
    }

    with pytest.raises(TemplateError, match=f"^{re.escape(sentence)}$"):
        value_of(tmp_path, value, parts=[secret])


def test_a_resource_whose_condition_fails_is_not_made(tmp_path: Path) -> None:
    api = http_api()
    api["HttpApi"]["Condition"] = "IsRed"

    not_made = deployment_of(tmp_path, function(), api, **SECTIONS)
    made = deployment_of(
        tmp_path, function(), api, parameters={"Color": "red"}, **SECTIONS
    )

    assert not_made.http_api is None
    assert made.http_api is not None


def test_a_property_without_a_value_is_left_out(tmp_path: Path) -> None:
    variables = {"A": {"Fn::If": ["IsRed", "x", {"Ref": "AWS::NoValue"}]}, "B": "y"}
    deployment = deployment_of(
        tmp_path, function(Environment={"Variables": variables}), http_api(), **SECTIONS
    )

    assert deployment.functions["Function"].environment == {"B": "y"}


def test_booleans_are_written_as_cloudformation_does(tmp_path: Path) -> None:
    sections = {
        "Parameters": {
            "Flag": {"Type": "String", "Default": True, "AllowedValues": [True, False]}
        },
        "Conditions": {"IsOn": {"Fn::Equals": [{"Ref": "Flag"}, True]}},
    }
    value = {"Fn::If": ["IsOn", {"Fn::Sub": "is ${Flag}"}, "off"]}

    assert value_of(tmp_path, value, **sections) == "is true"
    assert value_of(tmp_path, value, parameters={"Flag": "false"}, **sections) == "off"


class NoResources:
    def ref(self, logical_id: str) -> Any:
        raise AssertionError(logical_id)

    def attribute(self, logical_id: str, name: str) -> Any:
        raise KeyError(name)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
FUNCTIONS = st.sampled_from(["Ref", "Fn::GetAtt", "Fn::Sub", "Fn::If", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::FindInMap", "Fn::Cidr"])  # fmt: skip


@given(JSON.filter(lambda value: "Fn::" not in json.dumps(value)))
def test_values_without_functions_stay_as_they_are(value: Any) -> None:
    plain = Intrinsics({"Resources": {}}, {}, NoResources())
    if '"Ref"' in json.dumps(value):
        return

    assert plain.resolve(value, "Resource") == value


@given(FUNCTIONS, JSON)
def test_a_function_with_any_argument_resolves_or_is_a_template_error(
    name: str, argument: Any
) -> None:
    intrinsics = Intrinsics({"Resources": {}}, {}, NoResources())

    with suppress(TemplateError):  # any other exception fails the test
        intrinsics.resolve({name: argument}, "Resource")
