"""A queue for large broadcasts, and what Lambda does with what is in it."""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from moto.sqs.models import sqs_backends

from django_aws_api_gateway_websockets.messaging.broadcast_queue import client_for
from django_aws_api_gateway_websockets.messaging.memory_transport import (
    MemoryTransport,
)
from django_aws_api_gateway_websockets.models import (
    ApiGateway,
    Broadcast,
    BroadcastShard,
    WebSocketSession,
)
from lambda_handlers.broadcast import handler

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

REGION = "eu-central-1"
MOST_RECEIVES = 2
NEWS = {"type": "news"}


class Context:
    """What Lambda tells a function of its own time."""

    def __init__(self, seconds: float = 60) -> None:
        self.deadline = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return max(0, round(1000 * (self.deadline - time.monotonic())))


class Queues:
    """The queue and its dead-letter queue, with the poller that invokes the function."""

    def __init__(self, client: "SQSClient") -> None:
        self.client = client
        name = uuid4().hex
        self.dead_letters = self.create(f"{name}-failures")
        arn = self.attribute(self.dead_letters, "QueueArn")
        policy = {"deadLetterTargetArn": arn, "maxReceiveCount": MOST_RECEIVES}
        self.url = self.create(name, RedrivePolicy=json.dumps(policy))
        self.kept: list[str] = []

    def create(self, name: str, **attributes: str) -> str:
        return self.client.create_queue(QueueName=name, Attributes=attributes)[
            "QueueUrl"
        ]

    def attribute(self, url: str, name: str) -> str:
        answer = self.client.get_queue_attributes(QueueUrl=url, AttributeNames=[name])
        return answer["Attributes"][name]

    def put(self, body: str, *, url: str | None = None) -> None:
        self.client.send_message(QueueUrl=url or self.url, MessageBody=body)

    def waiting(self, url: str | None = None) -> int:
        """Messages that a poller would get now."""
        return int(self.attribute(url or self.url, "ApproximateNumberOfMessages"))

    def under_way(self) -> int:
        return int(self.attribute(self.url, "ApproximateNumberOfMessagesNotVisible"))

    def pauses(self) -> list[int]:
        """Seconds until each message that is under way comes back."""
        [queue] = [each for each in queues_of_server() if self.url.endswith(each.name)]
        pauses = [each.visible_at / 1000 - time.time() for each in queue._messages]
        return sorted(round(pause) for pause in pauses if pause > 0)

    def event(self, *, most: int = 5) -> dict[str, Any]:
        """What Lambda receives for the function; without records there was nothing."""
        answer = self.client.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=most, VisibilityTimeout=360
        )
        return {"Records": [record(each) for each in answer.get("Messages", [])]}

    def invoke(
        self, event: dict[str, Any], context: Context | None = None
    ) -> list[str]:
        """The bodies of the messages that the function has not done with."""
        answer = handler(event, context or Context())
        kept = {each["itemIdentifier"] for each in answer["batchItemFailures"]}
        bodies = []
        for each in event["Records"]:
            if each["messageId"] in kept:
                self.kept.append(each["receiptHandle"])
                bodies.append(each["body"])
            else:
                self.client.delete_message(
                    QueueUrl=self.url, ReceiptHandle=each["receiptHandle"]
                )
        return bodies

    def poll(self, context: Context | None = None) -> list[str]:
        """Invoke the function until the queue shows nothing more."""
        bodies = []
        while (event := self.event())["Records"]:
            bodies += self.invoke(event, context)
        return bodies

    def time_passes(self) -> None:
        """Until all messages that were put off, or kept, can be received again."""
        for receipt_handle in self.kept:
            self.client.change_message_visibility(
                QueueUrl=self.url, ReceiptHandle=receipt_handle, VisibilityTimeout=0
            )
        self.kept.clear()


def queues_of_server() -> list[Any]:
    """SQS itself tells nobody when a message comes back, but this server can be asked."""
    return [*sqs_backends["123456789012"][REGION].queues.values()]


def record(message: Any) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {"ApproximateReceiveCount": "1"},
        "messageAttributes": {},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:123456789012:broadcasts",
        "awsRegion": REGION,
    }


@contextmanager
def environment(address: str) -> Iterator[None]:
    client_for.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "for-tests")
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "HTTP_PROXY", "http_proxy"):
            patch.delenv(name, raising=False)
        patch.setenv("AWS_REGION", REGION)
        patch.setenv("AWS_ENDPOINT_URL_SQS", address)
        yield
        client_for(REGION, None, None).close()
    client_for.cache_clear()


def use_queue(settings, url: str, *, threshold: int = 5) -> None:
    settings.WEBSOCKETS = {
        **settings.WEBSOCKETS,
        "broadcast_queue_url": url,
        "broadcast_queue_threshold": threshold,
    }


def make_sessions(number: int) -> list[str]:
    """Clients in the lobby, of whom each has written something."""
    gateway = ApiGateway.objects.get()
    connection_ids = [f"client-{n}=" for n in range(number)]
    WebSocketSession.objects.bulk_create(
        WebSocketSession(
            connection_id=connection_id,
            channel_name="lobby",
            api_gateway=gateway,
            request_count=1,
        )
        for connection_id in connection_ids
    )
    return connection_ids


def send():
    return WebSocketSession.objects.filter(channel_name="lobby").send_message(NEWS)


def redrive(*arguments: str) -> list[str]:
    """The lines that it prints."""
    output = StringIO()
    call_command("redrive_broadcasts", *arguments, stdout=output, stderr=output)
    return output.getvalue().splitlines()


def progress():
    return Broadcast.objects.get().progress


def shards() -> list[BroadcastShard]:
    return list(BroadcastShard.objects.order_by("number"))


def sets(column: str, sql: str) -> bool:
    """As each database quotes the name of a column."""
    return f"{connection.ops.quote_name(column)} = " in sql


def got_it(transport: MemoryTransport, connection_ids: list[str]) -> list[str]:
    """Those who have the news, once."""
    return [each for each in connection_ids if transport.messages_to(each) == [NEWS]]


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno > logging.INFO]
