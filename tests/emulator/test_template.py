"""What a template and the options beside it make of a deployment."""

import re
from pathlib import Path

import pytest

from gateway_emulator.errors import TemplateError
from gateway_emulator.template import DeploymentOptions, read_deployment
from tests.emulator.deployments import SECTIONS, deployment_of
from tests.emulator.templates import (
    ALL_ROUTES,
    Resources,
    function,
    http_api,
    websocket_api,
    write_template,
)


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


def test_two_emulators_of_one_template_have_apis_of_their_own(tmp_path: Path) -> None:
    template = write_template(tmp_path, function(), websocket_api(*ALL_ROUTES))
    ids = [
        read_deployment(
            DeploymentOptions(template, socket_address=address)
        ).websocket_api
        for address in ("127.0.0.1:8001", "127.0.0.1:8002", "127.0.0.1:8001")
    ]

    assert ids[0] == ids[2]
    assert ids[0] != ids[1]


def test_a_built_template_keeps_the_projects_ids_and_names(tmp_path: Path) -> None:
    parts = (function(), http_api())
    template = write_template(tmp_path, *parts)
    build = tmp_path / ".aws-sam" / "build"
    build.mkdir(parents=True)
    write_template(build, *parts)

    source = read_deployment(DeploymentOptions(template))
    built = read_deployment(DeploymentOptions(template, built=Path(".aws-sam/build")))

    assert built.http_api == source.http_api
    assert built.functions["Function"].name == source.functions["Function"].name
    assert built.functions["Function"].code == build / "code"


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


def test_a_function_that_no_route_reaches_need_not_run(tmp_path: Path) -> None:
    other = function(Runtime="nodejs22.x")
    other["Other"] = other.pop("Function")

    deployment = deployment_of(tmp_path, function(), http_api(), other)

    assert list(deployment.functions) == ["Function"]


@pytest.mark.parametrize(
    ("milliseconds", "seconds"), [(50, 0.05), (29_000, 29), (None, 29)]
)
def test_an_integration_has_the_time_that_the_template_gives(
    tmp_path: Path, milliseconds: int | None, seconds: float
) -> None:
    api = websocket_api("$default")
    if milliseconds is not None:
        api["Integration"]["Properties"]["TimeoutInMillis"] = milliseconds

    deployment = deployment_of(tmp_path, function(), api)

    assert deployment.websocket_api is not None
    assert deployment.websocket_api.routes["$default"].integration.timeout == seconds


def test_the_state_is_kept_out_of_version_control(tmp_path: Path) -> None:
    deployment_of(tmp_path, function(), http_api())

    assert (tmp_path / ".gateway-emulator" / ".gitignore").read_text() == "*\n"
