"""The queue of large broadcasts, which carries where to look and no message.

It is SQS by boto3, which is imported by whoever is the first to use it.
"""

import json
import logging
import os
import random
import re
import time
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from django_aws_api_gateway_websockets.conf import conf

from .regions import signing_region
from .shard_pointers import Pointer

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

logger = logging.getLogger(__name__)

# "Quotas related to messages", Amazon SQS: entries of one call.
MOST_AT_ONCE = 10
TRIES = 3
FIRST_PAUSE = 0.2  # seconds, doubled each time
CONNECT_TIMEOUT = 2  # seconds
READ_TIMEOUT = 5  # seconds
# Who sends a broadcast has 29 seconds, and writes it down in them too.
LONGEST_SENDING = 20  # seconds, after which no call is begun
# Whoever asks and waits for none asks some of the servers only, and may miss messages.
WAIT_FOR_MESSAGES = 1  # seconds
WHILE_THEY_ARE_LOOKED_AT = 300  # seconds until others see the messages again

# Old names of the service stand before ".queue".
QUEUE_HOST = re.compile(
    r"(sqs(-fips)?\.(?P<region>[a-z0-9-]+)|(?P<old>[a-z0-9-]+)\.queue)"
    r"\.(amazonaws\.com(\.cn)?|api\.aws)"
)


class Queued(NamedTuple):
    """The pointers that the queue took, and why it did not take the others."""

    pointers: list[Pointer]
    fault: str


class QueuedMessage(NamedTuple):
    """A message that is ours for a while."""

    id: str
    receipt_handle: str
    body: str


class BroadcastQueue:
    def __init__(self, url: str) -> None:
        self.url = url
        self.client = client_for(
            region_of(url) or signing_region(url), conf.iam_profile, conf.access_key
        )

    def send(self, pointers: Sequence[Pointer], *, until: float) -> Queued:
        """Send ten at most. What the queue refuses is tried again, and then told."""
        left = dict(enumerate(pointers))
        fault = ""
        for pause in pauses():
            time.sleep(pause)
            fault = self.try_to_send(left)
            if not left or time.monotonic() >= until:
                break
        queued = [each for n, each in enumerate(pointers) if n not in left]
        return Queued(queued, fault if left else "")

    def try_to_send(self, left: dict[int, Pointer]) -> str:
        """Take out of `left` what the queue takes; returned is why it takes no more."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self.client.send_message_batch(
                QueueUrl=self.url,
                Entries=[
                    {"Id": str(n), "MessageBody": str(pointer)}
                    for n, pointer in left.items()
                ],
            )
        except (BotoCoreError, ClientError) as error:
            return str(error)
        for taken in answer.get("Successful", ()):
            left.pop(int(taken["Id"]), None)
        codes = {int(each["Id"]): each["Code"] for each in answer.get("Failed", ())}
        why = {codes.get(n, "the queue said nothing of some") for n in left}
        return ", ".join(sorted(why))

    def put_off(self, receipt_handle: str, seconds: int) -> None:
        """Let a message come back then. If that fails, it comes when the queue says."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self.client.change_message_visibility(
                QueueUrl=self.url,
                ReceiptHandle=receipt_handle,
                VisibilityTimeout=seconds,
            )
        except (BotoCoreError, ClientError) as error:
            logger.warning("A message of the queue could not be put off: %s", error)

    def take(self) -> Iterator[QueuedMessage]:
        """Some of the messages that are there; none: there is none."""
        answer = self.client.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=MOST_AT_ONCE,
            VisibilityTimeout=WHILE_THEY_ARE_LOOKED_AT,
            WaitTimeSeconds=WAIT_FOR_MESSAGES,
        )
        for each in answer.get("Messages", ()):
            yield QueuedMessage(each["MessageId"], each["ReceiptHandle"], each["Body"])

    def delete(self, message: QueuedMessage) -> None:
        self.client.delete_message(
            QueueUrl=self.url, ReceiptHandle=message.receipt_handle
        )

    def count(self) -> int:
        """Messages that can be taken now, about."""
        answer = self.client.get_queue_attributes(
            QueueUrl=self.url, AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    def dead_letter_queue(self) -> "BroadcastQueue | None":
        """Where messages go that came too often; the queue itself knows which one."""
        answer = self.client.get_queue_attributes(
            QueueUrl=self.url, AttributeNames=["RedrivePolicy"]
        )
        policy = answer.get("Attributes", {}).get("RedrivePolicy")
        if not policy:
            return None
        arn = json.loads(policy)["deadLetterTargetArn"]
        account, name = arn.split(":")[-2:]
        found = self.client.get_queue_url(
            QueueName=name, QueueOwnerAWSAccountId=account
        )
        return BroadcastQueue(found["QueueUrl"])


def pauses() -> Iterator[float]:
    """One before each try; random, so that two who were refused do not meet again."""
    yield 0
    for tries in range(TRIES - 1):
        yield FIRST_PAUSE * 2**tries * random.uniform(0.5, 1)  # noqa: S311


def region_of(url: str) -> str | None:
    host = QUEUE_HOST.fullmatch(urlsplit(url).hostname or "")
    return (host["region"] or host["old"]) if host else None


@lru_cache(maxsize=4)  # other settings make another one
def client_for(
    region: str, profile: str | None, access_key: tuple[str, str] | None
) -> "SQSClient":
    from boto3.session import Session
    from botocore.config import Config

    key_id, secret = (None, None) if profile else access_key or (None, None)
    return Session(
        profile_name=profile, aws_access_key_id=key_id, aws_secret_access_key=secret
    ).client(
        "sqs",
        region_name=region,
        config=Config(
            # Who sends a broadcast waits for this, and has 29 seconds for all of it.
            retries={"total_max_attempts": 1},
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=READ_TIMEOUT,
        ),
    )


os.register_at_fork(after_in_child=client_for.cache_clear)
