"""Templates for tests, built from the parts that a test is about."""

import json
from pathlib import Path
from typing import Any

ECHO = """
import json, os

def handler(event, context):
    with open(os.environ["EVENTS"], "a") as events:
        events.write(json.dumps(event) + "\\n")
    return {"statusCode": 200, "body": "echo"}
"""

# Answers by what the client asks for in its query string or message.
SCRIPTED = ECHO.replace(
    'return {"statusCode": 200, "body": "echo"}',
    """
    asked = event.get("queryStringParameters") or json.loads(event.get("body") or "{}")
    if "raise" in asked:
        raise ValueError(asked)
    if "exit" in asked:
        os._exit(1)
    if "malformed" in asked:
        return {"body": "no status"}
    headers = {"Sec-WebSocket-Protocol": asked["protocol"]} if "protocol" in asked else {}
    headers["Content-Type"] = "application/json"
    return {"statusCode": int(asked.get("status", 200)), "headers": headers, "body": '{"said": "no"}'}
""",
)

Resources = dict[str, dict[str, Any]]


def function(**properties: Any) -> Resources:
    return {
        "Function": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "app.handler",
                "CodeUri": "code",
                **properties,
            },
        }
    }


def http_api(route_key: str = "$default", stage: str = "$default") -> Resources:
    return {
        "HttpApi": {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {"Name": "site", "ProtocolType": "HTTP"},
        },
        "HttpIntegration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": "HttpApi"},
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": {"Fn::GetAtt": ["Function", "Arn"]},
                "PayloadFormatVersion": "2.0",
            },
        },
        "HttpRoute": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": "HttpApi"},
                "RouteKey": route_key,
                "Target": {"Fn::Sub": "integrations/${HttpIntegration}"},
            },
        },
        "HttpStage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {"ApiId": {"Ref": "HttpApi"}, "StageName": stage},
        },
    }


LAMBDA_INTEGRATION = {
    "IntegrationType": "AWS_PROXY",
    "IntegrationUri": {
        "Fn::Sub": (
            "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path"
            "/2015-03-31/functions/${Function.Arn}/invocations"
        )
    },
}


def websocket_api(
    *routes: str,
    two_way: tuple[str, ...] = (),
    integration: dict[str, Any] = LAMBDA_INTEGRATION,
    stage: dict[str, Any] | None = None,
    expression: str = "$request.body.action",
) -> Resources:
    """Return a WebSocket API; a route's logical id is its key's letters and `Route`."""
    resources: Resources = {
        "Api": {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {
                "Name": "socket",
                "ProtocolType": "WEBSOCKET",
                "RouteSelectionExpression": expression,
            },
        },
        "Integration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {"ApiId": {"Ref": "Api"}, **integration},
        },
        "Stage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "StageName": "dev",
                **(stage or {}),
            },
        },
    }
    for key in routes:
        name = key.strip("$").title() + "Route"
        resources[name] = {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "RouteKey": key,
                "Target": {"Fn::Sub": "integrations/${Integration}"},
            },
        }
    for key in two_way:
        name = key.strip("$").title()
        resources[f"{name}Response"] = {
            "Type": "AWS::ApiGatewayV2::RouteResponse",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "RouteId": {"Ref": f"{name}Route"},
                "RouteResponseKey": "$default",
            },
        }
    return resources


ALL_ROUTES = ("$connect", "$disconnect", "$default")


def write_template(
    folder: Path, *parts: Resources, code: str = ECHO, **sections: Any
) -> Path:
    """Write template.yaml and code/app.py; `sections` are Parameters, Conditions and the like."""
    (folder / "code").mkdir(exist_ok=True)
    (folder / "code" / "app.py").write_text(code)
    resources: Resources = {}
    for part in parts:
        resources |= part
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        **sections,
        "Resources": resources,
    }
    path = folder / "template.yaml"
    path.write_text(json.dumps(template))
    return path
