"""The queue of large broadcasts in template.yaml, and the numbers that hang together."""

import runpy
from typing import Any

import pytest

import config.settings
from django_aws_api_gateway_websockets.conf import conf
from tests.template.transformed import Resources, arn_of, of_type

REQUESTS_OF_AN_ACCOUNT = 10_000  # a second; "Throttle quota", Amazon API Gateway
LONGEST_RETENTION = 1_209_600  # seconds, 14 days; "Message retention", Amazon SQS


def queues(resources: Resources) -> dict[str, dict[str, Any]]:
    return of_type(resources, "AWS::SQS::Queue")


@pytest.fixture
def source(resources: Resources) -> dict[str, Any]:
    [source] = of_type(resources, "AWS::Lambda::EventSourceMapping").values()
    return source


@pytest.fixture
def worker(resources: Resources) -> dict[str, Any]:
    return of_type(resources, "AWS::Lambda::Function")["BroadcastFunction"]


def failure_queues(resources: Resources) -> set[str]:
    """Return the queues that get what has failed elsewhere."""
    dead_letters = [
        queue["RedrivePolicy"]["deadLetterTargetArn"]
        for queue in queues(resources).values()
        if "RedrivePolicy" in queue
    ]
    failures = [
        each["DestinationConfig"]["OnFailure"]["Destination"]
        for each in of_type(resources, "AWS::Lambda::EventInvokeConfig").values()
    ]
    return {arn["Fn::GetAtt"][0] for arn in dead_letters + failures}


def test_every_queue_has_a_dead_letter_queue_or_is_one(resources: Resources) -> None:
    failures = failure_queues(resources)

    assert failures == {"BroadcastFailures", "CleanUpFailures"}
    for name, queue in queues(resources).items():
        assert queue["SqsManagedSseEnabled"] is True
        if name not in failures:
            assert queue["RedrivePolicy"]["maxReceiveCount"] == 5


def test_no_message_expires_before_it_has_to(resources: Resources) -> None:
    # No shorter in the first queue: a shard that expires leaves its recipients waiting.
    assert {
        name: queue["MessageRetentionPeriod"]
        for name, queue in queues(resources).items()
    } == {
        "BroadcastQueue": LONGEST_RETENTION,
        "BroadcastFailures": LONGEST_RETENTION,
        "CleanUpFailures": LONGEST_RETENTION,
    }


def test_a_batch_stays_with_its_worker_for_six_times_its_timeout(
    resources: Resources, worker: dict[str, Any]
) -> None:
    visibility = queues(resources)["BroadcastQueue"]["VisibilityTimeout"]

    assert visibility == 6 * worker["Timeout"]


def test_all_workers_together_stay_below_the_accounts_quota(
    source: dict[str, Any], settings: Any
) -> None:
    settings.WEBSOCKETS = {}
    workers = source["ScalingConfig"]["MaximumConcurrency"]

    assert workers >= 2  # Lambda takes no less
    assert 0 < workers * conf.callbacks_per_second < REQUESTS_OF_AN_ACCOUNT


def test_the_worker_gets_a_few_shards_at_a_time(
    source: dict[str, Any], worker: dict[str, Any]
) -> None:
    assert worker["Handler"] == "lambda_handlers.broadcast.handler"
    assert source.get("Enabled", True) is True
    # A shard of 1,000 takes a second or so: all of them fit into the worker's time.
    assert source["BatchSize"] == 5
    assert worker["Timeout"] == 60


def test_the_worker_reports_failures_one_by_one(source: dict[str, Any]) -> None:
    assert source["FunctionName"] == {"Ref": "BroadcastFunction"}
    assert source["EventSourceArn"] == arn_of("BroadcastQueue")
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert "MaximumBatchingWindowInSeconds" not in source  # nobody waits for company


def test_every_function_knows_the_queue(resources: Resources) -> None:
    for name, function in of_type(resources, "AWS::Lambda::Function").items():
        variables = function["Environment"]["Variables"]
        assert variables["BROADCAST_QUEUE_URL"] == {"Ref": "BroadcastQueue"}, name


@pytest.mark.parametrize(
    ("given", "url"),
    [
        (None, ""),
        ("", ""),
        ("https://sqs.test/1/broadcasts", "https://sqs.test/1/broadcasts"),
    ],
)
def test_the_variable_becomes_the_setting(
    monkeypatch: pytest.MonkeyPatch, settings: Any, given: str | None, url: str
) -> None:
    monkeypatch.delenv("BROADCAST_QUEUE_URL", raising=False)
    if given is not None:
        monkeypatch.setenv("BROADCAST_QUEUE_URL", given)

    settings.WEBSOCKETS = runpy.run_path(str(config.settings.__file__))["WEBSOCKETS"]

    assert conf.broadcast_queue_url == url


ALARMS = {
    "BroadcastsAreLate": ("ApproximateAgeOfOldestMessage", "BroadcastQueue"),
    "BroadcastsHaveFailed": ("ApproximateNumberOfMessagesVisible", "BroadcastFailures"),
}


def test_alarms_watch_age_and_failures(resources: Resources) -> None:
    alarms = of_type(resources, "AWS::CloudWatch::Alarm")

    assert alarms.keys() == ALARMS.keys()
    for name, alarm in alarms.items():
        metric, queue = ALARMS[name]
        queue_name = {"Fn::GetAtt": [queue, "QueueName"]}
        assert alarm["Namespace"] == "AWS/SQS"
        assert alarm["MetricName"] == metric
        assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": queue_name}]
        assert alarm["Statistic"] == "Maximum"


def test_one_failure_is_enough_for_an_alarm(resources: Resources) -> None:
    alarm = of_type(resources, "AWS::CloudWatch::Alarm")["BroadcastsHaveFailed"]

    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert (alarm["Threshold"], alarm["EvaluationPeriods"]) == (1, 1)
    assert alarm["Period"] == 60  # seconds
    assert alarm["TreatMissingData"] == "ignore"  # it stays until a figure says 0


def test_one_worker_that_died_is_no_alarm(resources: Resources) -> None:
    alarm = of_type(resources, "AWS::CloudWatch::Alarm")["BroadcastsAreLate"]
    hidden = queues(resources)["BroadcastQueue"]["VisibilityTimeout"]

    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert alarm["TreatMissingData"] == "notBreaching"  # nothing waits, no age
    assert alarm["Threshold"] == 300  # seconds
    assert (alarm["Period"], alarm["EvaluationPeriods"]) == (60, 5)
    assert alarm.get("DatapointsToAlarm", 5) == 5
    begins_after = alarm["Threshold"] + alarm["Period"] * alarm["EvaluationPeriods"]
    assert begins_after > hidden + 60


NAMES = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SecretsManager::Secret": "Name",
}


def test_two_stacks_fit_into_one_account(resources: Resources) -> None:
    for resource_type, name in NAMES.items():
        made = of_type(resources, resource_type)
        assert made
        assert all(name not in properties for properties in made.values())
