"""template.yaml against the code that it deploys, and the check that guards it."""

import ast
from importlib import import_module
from pathlib import Path

import yaml

from django_aws_api_gateway_websockets.events import MAPPED_HEADERS
from gateway_emulator.template.loading import load_template
from tests.template.check import transformed_findings
from tests.template.transformed import ROOT, TEMPLATE, Resources, arn_of, of_type

PREFIX = "integration.request.header."


def test_each_http_integration_maps_the_headers_that_the_app_reads(
    resources: Resources,
) -> None:
    integrations = of_type(resources, "AWS::ApiGatewayV2::Integration").items()
    through_http = {
        name: properties["RequestParameters"]
        for name, properties in integrations
        if properties["IntegrationType"] == "HTTP_PROXY"
    }
    # The last one is the gateway's own, which it sends without a mapping.
    mapped = {*MAPPED_HEADERS[:-1], "X-Ws-Gateway-Secret"}

    assert len(through_http) == 3
    for name, parameters in through_http.items():
        headers = {key.removeprefix(PREFIX) for key in parameters}
        extra = {"Sec-WebSocket-Version"} if name == "ConnectThroughHttp" else set()
        assert headers == mapped | extra
        assert parameters[f"{PREFIX}Connectionid"] == "context.connectionId"
        assert parameters[f"{PREFIX}X-Ws-Source-Ip"] == "context.identity.sourceIp"
        assert parameters[f"{PREFIX}X-Ws-Event-Type"] == "context.eventType"


def test_functions_get_every_variable_that_the_settings_require(
    resources: Resources,
) -> None:
    tree = ast.parse((ROOT / "django_app" / "config" / "settings.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    required = [
        {str(arg.value) for arg in [*call.args[:1], *(k.value for k in call.keywords if k.arg == "in_secrets_manager")] if isinstance(arg, ast.Constant)}
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr.startswith("required")
    ]  # fmt: skip

    assert len(required) == 8
    for name, properties in of_type(resources, "AWS::Lambda::Function").items():
        variables = properties["Environment"]["Variables"]
        for alternatives in required:
            if "GATEWAY_SECRET" in alternatives and name == "WebSocketFunction":
                continue  # events that are invoked directly need no secret
            assert alternatives & variables.keys(), (name, alternatives)


def test_each_handler_is_a_function_that_there_is(resources: Resources) -> None:
    for name, properties in of_type(resources, "AWS::Lambda::Function").items():
        module, _, function = properties["Handler"].rpartition(".")
        assert callable(getattr(import_module(module), function, None)), name


def test_the_clean_up_runs_each_hour_and_no_failure_gets_lost(
    resources: Resources,
) -> None:
    queue = arn_of("CleanUpFailures")
    [schedule] = of_type(resources, "AWS::Scheduler::Schedule").values()
    [retries] = of_type(resources, "AWS::Lambda::EventInvokeConfig").values()

    target = schedule["Target"]
    assert schedule["ScheduleExpression"] == "rate(1 hour)"
    assert target["Arn"] == arn_of("CleanUpFunction")
    assert target["DeadLetterConfig"] == {"Arn": queue}
    assert target["RetryPolicy"]["MaximumRetryAttempts"] > 0
    assert retries["FunctionName"] == {"Ref": "CleanUpFunction"}
    assert retries["MaximumRetryAttempts"] == 2
    assert retries["DestinationConfig"]["OnFailure"]["Destination"] == queue


def test_every_route_has_a_stage_that_waits_for_it(resources: Resources) -> None:
    routes = of_type(resources, "AWS::ApiGatewayV2::Route")
    keys = {
        each["RouteKey"]
        for each in routes.values()
        if each["ApiId"] == {"Ref": "WebSocketApi"}
    }

    assert keys == {"$connect", "$disconnect", "$default"}
    for name in ("HttpApiStage", "WebSocketStage"):
        stage = resources[name]
        assert stage["Properties"]["AutoDeploy"] is True
        waits_for = {
            each
            for each in routes
            if routes[each]["ApiId"] == stage["Properties"]["ApiId"]
        }
        assert set(stage["DependsOn"]) == waits_for


def test_both_addresses_are_outputs() -> None:
    outputs = load_template(TEMPLATE)["Outputs"]

    assert outputs["SiteUrl"]["Value"]["Fn::Sub"].startswith(
        "https://${HttpApi}.execute-api."
    )
    assert outputs["WebSocketUrl"]["Value"]["Fn::Sub"].startswith(
        "wss://${WebSocketApi}.execute-api."
    )


def test_the_check_finds_a_circle_that_the_source_does_not_show(tmp_path: Path) -> None:
    template = load_template(TEMPLATE)
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    variables["STAGE"] = {"Ref": "HttpApiStage"}
    circular = tmp_path / "template.yaml"
    circular.write_text(yaml.safe_dump(template))

    findings = transformed_findings(circular, "http")

    assert any("Circular" in finding for finding in findings), findings
