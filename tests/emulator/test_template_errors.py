"""What is wrong with a template is an error that names it."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway_emulator.errors import TemplateError
from gateway_emulator.template import DeploymentOptions, read_deployment
from tests.emulator.deployments import deployment_of
from tests.emulator.templates import (
    Resources,
    function,
    http_api,
    websocket_api,
    write_template,
)


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
        ([function(), changed(websocket_api("$default"), "Integration", TimeoutInMillis=30_000)], "Integration: TimeoutInMillis must be 50 to 29000, not 30000."),
        ([function(), changed(http_api(), "HttpIntegration", TimeoutInMillis=49)], "HttpIntegration: TimeoutInMillis must be 50 to 30000, not 49."),
        ([function(), changed(http_api(), "HttpApi", CorsConfiguration={"AllowOrigins": ["*"]})], "HttpApi: CorsConfiguration is not supported."),
        ([function(CodeUri=None, InlineCode="def handler(e, c): pass"), http_api()], "Function: code that is inline is not supported."),
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


def test_a_missing_template_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match="No such file"):
        read_deployment(DeploymentOptions(tmp_path / "template.yaml"))
