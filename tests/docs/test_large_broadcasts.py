"""docs/howto/large-broadcasts.md against the template, the commands and the queue."""

import json
import re

import boto3
import pytest
from django.core.management import get_commands, load_command_class

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.exceptions import BroadcastNotQueued
from django_aws_api_gateway_websockets.models import Broadcast, BroadcastShard
from django_aws_api_gateway_websockets.models.broadcast_delivery import pause_after
from django_aws_api_gateway_websockets.models.broadcasts import (
    BROADCASTS_ARE_KEPT_FOR,
    SESSIONS_IN_A_SHARD,
)
from gateway_emulator.template.loading import load_template
from lambda_handlers import broadcast, manage
from tests.docs.pages import ROOT, blocks, code, table
from tests.docs.python_blocks import python_block, run
from tests.gateway import Gateway
from tests.handlers.test_two_processes import database_url

PAGE = "docs/howto/large-broadcasts.md"
TEMPLATE = load_template(ROOT / "template.yaml")
RESOURCES = {
    name: made.get("Properties", {}) for name, made in TEMPLATE["Resources"].items()
}
TURNS = RESOURCES["BroadcastQueue"]["RedrivePolicy"]["maxReceiveCount"]


@pytest.fixture(scope="module")
def sqs(sqs_address):
    """A client of a server that is like SQS."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL_SQS", sqs_address)
        environment.setenv("AWS_REGION", "eu-central-1")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            environment.setenv(name, "for-tests")
        yield boto3.client("sqs", region_name="eu-central-1")


@pytest.fixture
def queue_url(sqs):
    failures = sqs.create_queue(QueueName="failures")["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=failures, AttributeNames=["QueueArn"])
    policy = {
        "deadLetterTargetArn": found["Attributes"]["QueueArn"],
        "maxReceiveCount": TURNS,
    }
    attributes = {"RedrivePolicy": json.dumps(policy)}
    yield sqs.create_queue(QueueName="broadcasts", Attributes=attributes)["QueueUrl"]
    sqs.delete_queue(QueueUrl=failures)
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName="broadcasts")["QueueUrl"])


@pytest.fixture
def readers(settings, queue_url):
    """Three of them, who are many here."""
    settings.WEBSOCKETS = {
        **settings.WEBSOCKETS,
        "broadcast_queue_url": queue_url,
        "broadcast_queue_threshold": 2,
    }
    gateway = Gateway()
    names = ["one=", "two=", "three="]
    for connection_id in names:
        gateway.connect(connection_id, query="channel=news")
    return names


class Context:
    def get_remaining_time_in_millis(self):
        return 60_000


def deliver(sqs, queue_url):
    """What Lambda does with the messages of a queue."""
    taken = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)["Messages"]
    names = {
        "messageId": "MessageId", "receiptHandle": "ReceiptHandle", "body": "Body"
    }  # fmt: skip
    records = [{ours: each[name] for ours, name in names.items()} for each in taken]
    return broadcast.handler({"Records": records}, Context())


@pytest.mark.django_db(transaction=True)
def test_a_message_to_many_is_queued_and_delivered(
    sqs, queue_url, readers, transport, capsys
):
    result = run(PAGE, containing="WebSocketSession")["result"]

    assert capsys.readouterr().out == f"3 get it, in broadcast {result.broadcast}\n"
    assert transport.messages_to("one=") == []

    assert deliver(sqs, queue_url) == {"batchItemFailures": []}
    for reader in readers:
        assert transport.messages_to(reader) == [
            {"type": "headline", "text": "It has been found"}
        ]
    (progress,) = [each for each in code(PAGE) if each.endswith(".progress")]
    assert eval(progress, {"Broadcast": Broadcast, "result": result}).sent == 3


@pytest.mark.django_db(transaction=True)
def test_who_sends_hears_that_it_is_not_queued(settings, queue_url, readers):
    settings.WEBSOCKETS["broadcast_queue_url"] = f"{queue_url}-of-another-stack"

    with pytest.raises(BroadcastNotQueued):
        run(PAGE, containing="WebSocketSession")

    assert BroadcastShard.objects.get(queued_on=None).waiting == 3
    assert "BroadcastNotQueued" in code(PAGE)


def test_the_threshold_is_understood(settings):
    settings.WEBSOCKETS = {}
    assert conf.broadcast_queue_threshold == 5_000
    assert f"more than {conf.broadcast_queue_threshold:,} " in text()

    block = python_block(PAGE, containing="broadcast_queue_threshold")
    exec(block, {"WEBSOCKETS": settings.WEBSOCKETS})

    assert conf.broadcast_queue_threshold == 500


def text():
    return " ".join((ROOT / PAGE).read_text().split())


def typed():
    """Everything that a reader types."""
    shell = [block.text for block in blocks(PAGE) if block.language == "sh"]
    return "".join(shell).replace("\\\n", "")


@pytest.mark.django_db(transaction=True)
def test_the_payloads_run_their_commands(monkeypatch, queue_url):
    monkeypatch.setenv("DATABASE_URL", database_url())
    monkeypatch.setenv("BROADCAST_QUEUE_URL", queue_url)
    payloads = re.findall("--event '(.*)'", typed())

    assert len(payloads) == 3
    for payload in payloads:
        answer = manage.handler(json.loads(payload), None)
        assert answer["exit_code"] == 0, answer["output"]


def test_the_command_for_a_terminal_takes_what_is_typed():
    (line,) = re.findall('COMMAND="(.*)"', typed())
    name, *arguments = line.split()

    command = load_command_class(get_commands()[name], name)
    options = command.create_parser("manage.py", name).parse_args(arguments)

    assert (options.broadcast, options.watch) == (7, True)


def test_every_name_in_code_is_the_templates_or_the_apps():
    named = set(re.findall(r"(?<![\w-])(?:[A-Z][a-z]+){2,}\b", "\n".join(code(PAGE))))

    apps = {"BroadcastNotQueued", "WebSocketSession"}
    of_the_source = {"MaximumConcurrency"}
    assert {"BroadcastFunction", "BroadcastFailures"} <= named
    assert named - apps - of_the_source <= RESOURCES.keys()


def test_a_shard_has_its_turns_after_these_pauses():
    assert f"shards of {SESSIONS_IN_A_SHARD:,}" in text()
    first, *others = [pause_after(turn).pause for turn in range(1, TURNS)]
    assert f"after {first} seconds, then {others[0]}, {others[1]} and {others[2]}." in (
        text()
    )
    assert len(others) == 3
    assert TURNS == 5
    assert "five times goes to a second queue" in text()


def test_a_shard_that_has_failed_is_told_by_its_tries():
    under_way, failed = tables_line("fewer than"), tables_line(f"{TURNS} `tries`")

    assert f"fewer than {TURNS} `tries`" in under_way
    assert f"a last pause of {pause_after(TURNS).pause} seconds" in failed


def tables_line(start):
    [line] = re.findall(rf"^\| {start}.*", (ROOT / PAGE).read_text(), re.MULTILINE)
    return line


def test_failures_are_kept_as_long_as_their_broadcast():
    seconds = RESOURCES["BroadcastFailures"]["MessageRetentionPeriod"]

    assert seconds == BROADCASTS_ARE_KEPT_FOR.total_seconds()
    assert f"After {BROADCASTS_ARE_KEPT_FOR.days} days" in text()


def test_each_alarm_is_there_with_its_queue():
    alarms = {
        name: made["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
        for name, made in RESOURCES.items()
        if TEMPLATE["Resources"][name]["Type"] == "AWS::CloudWatch::Alarm"
    }

    assert {row[0]: row[1] for row in table(PAGE, "alarm")} == alarms


def test_late_is_what_the_page_says():
    alarm = RESOURCES["BroadcastsAreLate"]

    assert "for five minutes, the oldest message has been there for more than five" in (
        text()
    )
    assert alarm["Threshold"] == 5 * 60
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 5 * 60


def test_both_numbers_together_stay_below_the_quota(settings):
    settings.WEBSOCKETS = {}
    numbers = {row[1]: int(row[2]) for row in table(PAGE, "where")}
    (quota,) = re.findall(r"An account may make ([\d,]+) requests a second", text())

    assert numbers == {
        **RESOURCES["BroadcastSource"]["ScalingConfig"],
        "callbacks_per_second": conf.callbacks_per_second,
    }
    workers, calls = numbers.values()
    assert workers * calls == 8_000 < int(quota.replace(",", ""))
