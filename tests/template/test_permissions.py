"""What each role of template.yaml may do, action by action, and to what."""

import inspect
import re
from typing import Any

from django_aws_api_gateway_websockets.messaging import broadcast_queue
from tests.template.transformed import Resources, of_type

SITE = {
    "secretsmanager:GetSecretValue": {"secret:${DatabaseUrlSecret}-??????"},
    "execute-api:ManageConnections": {"${WebSocketApi}/production/*/@connections/*"},
    "sqs:SendMessage": {"BroadcastQueue"},
}
WORKER = {
    # Lambda asks for the first three, and uses them for the function.
    "sqs:ReceiveMessage": {"BroadcastQueue"},
    "sqs:DeleteMessage": {"BroadcastQueue"},
    "sqs:GetQueueAttributes": {"BroadcastQueue"},
    "sqs:ChangeMessageVisibility": {"BroadcastQueue"},
}
REDRIVE = {
    "sqs:GetQueueAttributes": {"BroadcastQueue", "BroadcastFailures"},
    "sqs:GetQueueUrl": {"BroadcastFailures"},
    "sqs:ReceiveMessage": {"BroadcastFailures"},
    "sqs:DeleteMessage": {"BroadcastFailures"},
    "sqs:ChangeMessageVisibility": {"BroadcastFailures"},
}
ALLOWED = {
    "SiteFunctionRole": SITE,
    "WebSocketFunctionRole": SITE,
    "BroadcastFunctionRole": SITE | WORKER,
    "ManageFunctionRole": SITE | REDRIVE,
    "CleanUpFunctionRole": {
        **SITE,
        "sqs:SendMessage": {"BroadcastQueue", "CleanUpFailures"},
    },
    # The scheduler's own.
    "CleanUpFunctionEachHourRole": {
        "lambda:InvokeFunction": {"CleanUpFunction"},
        "sqs:SendMessage": {"CleanUpFailures"},
    },
}
LOGS = "policy/service-role/AWSLambdaBasicExecutionRole"


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements_of(role: dict[str, Any]) -> list[dict[str, Any]]:
    documents = [policy["PolicyDocument"] for policy in role["Policies"]]
    return [each for document in documents for each in listed(document["Statement"])]


def place(resource: dict[str, Any]) -> str:
    """Return a logical id, or what follows the account in a text."""
    if "Fn::GetAtt" in resource:
        logical_id, attribute = resource["Fn::GetAtt"]
        assert attribute == "Arn"
        return str(logical_id)
    begin, _, end = resource["Fn::Sub"].partition("${AWS::AccountId}:")
    assert begin.startswith("arn:${AWS::Partition}:")
    return str(end)


def test_nobody_may_do_more_than_the_work_needs(resources: Resources) -> None:
    for name, role in of_type(resources, "AWS::IAM::Role").items():
        allowed: dict[str, set[str]] = {}
        for statement in statements_of(role):
            assert statement.keys() <= {"Sid", "Effect", "Action", "Resource"}
            assert statement["Effect"] == "Allow"
            for action in listed(statement["Action"]):
                places = map(place, listed(statement["Resource"]))
                allowed.setdefault(action, set()).update(places)

        assert allowed == ALLOWED[name], name
        managed = [str(each) for each in role.get("ManagedPolicyArns", [])]
        assert all(LOGS in each for each in managed), name


def test_every_function_has_a_role_that_is_looked_at(resources: Resources) -> None:
    functions = of_type(resources, "AWS::Lambda::Function")
    roles = of_type(resources, "AWS::IAM::Role")

    assert {f"{name}Role" for name in functions} <= roles.keys()
    assert "BroadcastFunction" in functions


def test_the_queue_is_asked_for_nothing_else() -> None:
    calls = re.findall(r"self\.client\.(\w+)\(", inspect.getsource(broadcast_queue))
    asked_for = {
        "sqs:" + call.removesuffix("_batch").title().replace("_", "") for call in calls
    }

    assert asked_for == {
        action for action in SITE | WORKER | REDRIVE if action.startswith("sqs:")
    }
