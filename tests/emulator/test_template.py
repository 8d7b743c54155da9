"""What the emulator makes of a template."""

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway_emulator.errors import TemplateError
from gateway_emulator.template import Deployment, DeploymentOptions, read_deployment
from gateway_emulator.template.intrinsics import Intrinsics
from tests.emulator.templates import (
    ALL_ROUTES,
    Resources,
    function,
    http_api,
    websocket_api,
    write_template,
)


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
    with pytest.raises(TemplateError, match="no HTTP API and no WebSocket API"):
        deployment_of(tmp_path, function(), api, **SECTIONS)

    made = deployment_of(
        tmp_path, function(), api, parameters={"Color": "red"}, **SECTIONS
    )

    assert made.http_api is not None


def test_a_property_without_a_value_is_left_out(tmp_path: Path) -> None:
    variables = {"A": {"Fn::If": ["IsRed", "x", {"Ref": "AWS::NoValue"}]}, "B": "y"}
    deployment = deployment_of(
        tmp_path, function(Environment={"Variables": variables}), http_api(), **SECTIONS
    )

    assert deployment.functions["Function"].environment == {"B": "y"}


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"Colour": "x"}, "Colour: the template has no such parameter (it has: Color, Zones, Size)."),
        ({"Color": "green"}, "Color: 'green' is not allowed (choose one of: blue, red)."),
    ],
)  # fmt: skip
def test_parameters_are_checked(
    tmp_path: Path, parameters: dict[str, str], sentence: str
) -> None:
    with pytest.raises(TemplateError, match=f"^{re.escape(sentence)}$"):
        deployment_of(
            tmp_path, function(), http_api(), parameters=parameters, **SECTIONS
        )


def test_a_parameter_without_a_default_must_be_given(tmp_path: Path) -> None:
    declared = {"Parameters": {"Needed": {"Type": "String"}}}
    with pytest.raises(TemplateError, match="Needed: this parameter has no default"):
        deployment_of(tmp_path, function(), http_api(), **declared)


def test_addresses_on_aws_become_the_emulators(tmp_path: Path) -> None:
    variables = {
        "SITE": {
            "Fn::Sub": "https://${HttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/page"
        },
        "SOCKET": {"Fn::Sub": "${Api.ApiEndpoint}/dev"},
        "CALLBACK": {
            "Fn::Sub": "https://${Api}.execute-api.${AWS::Region}.amazonaws.com/dev"
        },
        "OTHER": "https://abcdefghij.execute-api.us-east-1.amazonaws.com/theirs",
    }
    deployment = deployment_of(
        tmp_path,
        function(Environment={"Variables": variables}),
        http_api(),
        websocket_api(*ALL_ROUTES),
    )

    assert deployment.functions["Function"].environment == {
        "SITE": "http://localhost:8000/page",
        "SOCKET": "ws://127.0.0.1:8001/dev",
        "CALLBACK": "http://127.0.0.1:8001/dev",
        "OTHER": "https://abcdefghij.execute-api.us-east-1.amazonaws.com/theirs",
    }


def test_secrets_are_generated_once_and_fill_references(tmp_path: Path) -> None:
    secrets: Resources = {
        "Plain": {
            "Type": "AWS::SecretsManager::Secret",
            "Properties": {
                "GenerateSecretString": {
                    "PasswordLength": 48,
                    "ExcludePunctuation": True,
                }
            },
        },
        "Pair": {
            "Type": "AWS::SecretsManager::Secret",
            "Properties": {
                "Name": "pair",
                "GenerateSecretString": {
                    "SecretStringTemplate": '{"user": "admin"}',
                    "GenerateStringKey": "password",
                    "ExcludeCharacters": "\"\\/'",
                },
            },
        },
    }
    variables = {
        "PLAIN": {"Fn::Sub": "'{{resolve:secretsmanager:${Plain}:SecretString}}'"},
        "USER": "{{resolve:secretsmanager:pair:SecretString:user}}",
        "PASSWORD": {
            "Fn::Sub": "{{resolve:secretsmanager:${Pair}:SecretString:password}}"
        },
    }
    parts = (function(Environment={"Variables": variables}), http_api(), secrets)

    first = deployment_of(tmp_path, *parts).functions["Function"].environment
    second = deployment_of(tmp_path, *parts).functions["Function"].environment

    assert first == second
    assert re.fullmatch(r"'[A-Za-z0-9]{48}'", first["PLAIN"])
    assert first["USER"] == "admin"
    assert len(first["PASSWORD"]) == 32
    state = tmp_path / ".gateway-emulator" / "state.json"
    assert state.stat().st_mode & 0o077 == 0


def test_api_ids_stay_the_same_and_survive_a_damaged_state(tmp_path: Path) -> None:
    parts = (function(), http_api(), websocket_api(*ALL_ROUTES))
    first, second = deployment_of(tmp_path, *parts), deployment_of(tmp_path, *parts)
    (tmp_path / ".gateway-emulator" / "state.json").write_text("{")
    third = deployment_of(tmp_path, *parts)

    assert first == second
    assert first.websocket_api is not None
    assert third.websocket_api is not None
    assert re.fullmatch("[a-z0-9]{10}", first.websocket_api.api_id)
    assert third.websocket_api.api_id != first.websocket_api.api_id


def test_variables_of_the_command_line_win_and_are_not_resolved(tmp_path: Path) -> None:
    variables = {"A": "{{resolve:secretsmanager:theirs:SecretString}}", "B": "template"}
    deployment = deployment_of(
        tmp_path,
        function(Environment={"Variables": variables}),
        http_api(),
        environment={"A": "given", "C": "beside"},
    )

    assert deployment.functions["Function"].environment == {
        "A": "given",
        "B": "template",
        "C": "beside",
    }


def changed(resources: Resources, name: str, **properties: Any) -> Resources:
    resources[name]["Properties"] |= properties
    return resources


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ([function(CodeUri="nowhere"), http_api()], "Function: its code folder .*nowhere does not exist."),
        ([function(CodeUri="s3://bucket/key"), http_api()], "Function: its code is not in a local folder."),
        ([function(Runtime="nodejs22.x"), http_api()], "Function: Runtime 'nodejs22.x' is not supported"),
        ([function(), changed(http_api(), "HttpIntegration", IntegrationType="HTTP_PROXY", IntegrationUri="http://a.example")], "HttpApi: route '\\$default' of an HTTP API must be AWS_PROXY."),
        ([function(), changed(http_api(), "HttpIntegration", PayloadFormatVersion="1.0")], "HttpIntegration: PayloadFormatVersion must be 2.0, not 1.0."),
        ([function(), changed(websocket_api("$default"), "Integration", PayloadFormatVersion="2.0")], "Integration: PayloadFormatVersion must be 1.0, not 2.0."),
        ([function(), changed(websocket_api("$default"), "Integration", IntegrationType="MOCK")], "Integration: IntegrationType MOCK is not supported."),
        ([function(), changed(websocket_api("$default"), "DefaultRoute", AuthorizationType="CUSTOM")], "DefaultRoute: AuthorizationType CUSTOM is not supported."),
        ([function(), changed(websocket_api("$default"), "DefaultRoute", Target="integrations/none")], "DefaultRoute: its Target 'none' is no integration"),
        ([function(), changed(websocket_api("$default"), "Integration", IntegrationType="HTTP_PROXY", IntegrationUri="ftp://x")], "Integration: IntegrationUri 'ftp://x' is no HTTP address."),
    ],
)  # fmt: skip
def test_what_cannot_run_is_an_error_that_names_the_resource(
    tmp_path: Path, parts: list[Resources], sentence: str
) -> None:
    with pytest.raises(TemplateError, match=f"^{sentence}"):
        deployment_of(tmp_path, *parts)


def test_a_second_api_of_a_kind_is_an_error(tmp_path: Path) -> None:
    second = json.loads(json.dumps(http_api()).replace("Http", "Other"))
    with pytest.raises(
        TemplateError, match=r"^OtherApi: the emulator serves one HTTP API"
    ):
        deployment_of(tmp_path, function(), http_api(), second)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "a: [",
        "Resources: 7",
        "\x00",
        "Resources: {F: {Type: AWS::Serverless::Function}}",
    ],
)
def test_what_is_no_template_is_an_error(tmp_path: Path, text: str) -> None:
    template = tmp_path / "template.yaml"
    template.write_text("Transform: AWS::Serverless-2016-10-31\n" + text)

    with pytest.raises(TemplateError):
        read_deployment(DeploymentOptions(template))


HALF_WRITTEN: list[tuple[list[str], Any]] = [
    (["Resources", "Function", "Properties", "MemorySize"], "much"),
    (["Resources", "Function", "Properties", "Timeout"], "abc"),
    (["Resources", "Function", "Properties", "Timeout"], [1]),
    (["Resources", "Function", "Properties", "Environment"], {"Variables": ["a"]}),
    (["Resources", "Function", "Properties"], None),
    (["Resources", "Function", "Properties"], "text"),
    (["Resources", "Function"], None),
    (["Resources", "Function"], "text"),
    (["Resources", "Integration", "Properties", "TimeoutInMillis"], "soon"),
    (["Resources", "DefaultRoute", "Properties", "RouteKey"], ["a"]),
    (["Resources", "Api", "Condition"], "Circle"),
    (["Globals"], None),
    (["Globals"], {"Function": None}),
    (["Parameters"], ["a"]),
    (["Parameters"], {"A": None}),
    (["Resources"], {"S": {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": "x"}}}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value"), HALF_WRITTEN)
def test_a_half_written_template_is_an_error(
    tmp_path: Path, path: list[str], value: Any
) -> None:
    conditions = {"Circle": {"Condition": "Circle"}}
    template = write_template(
        tmp_path,
        function(),
        websocket_api("$default"),
        Conditions=conditions,
    )
    content = json.loads(template.read_text())
    *parents, last = path
    place = content
    for name in parents:
        place = place[name]
    place[last] = value
    template.write_text(json.dumps(content))

    with pytest.raises(TemplateError):
        read_deployment(DeploymentOptions(template))


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


def test_a_built_template_keeps_the_projects_ids_and_names(tmp_path: Path) -> None:
    parts = (function(), http_api())
    template = write_template(tmp_path, *parts)
    build = tmp_path / ".aws-sam" / "build"
    build.mkdir(parents=True)
    write_template(build, *parts)

    source = read_deployment(DeploymentOptions(template))
    built = read_deployment(DeploymentOptions(template, built=True))

    assert built.http_api == source.http_api
    assert built.functions["Function"].name == source.functions["Function"].name
    assert built.functions["Function"].code == build / "code"


def test_a_missing_template_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="No such file"):
        read_deployment(DeploymentOptions(tmp_path / "template.yaml"))


def test_a_plain_cloudformation_template_runs_as_well(tmp_path: Path) -> None:
    plain: Resources = {
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "app.handler",
                "Code": "code",
            },
        }
    }
    template = write_template(tmp_path, plain, http_api())
    template.write_text(template.read_text().replace('"Transform"', '"Description"'))

    deployment = read_deployment(DeploymentOptions(template))

    assert deployment.functions["Function"].code == tmp_path / "code"


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
