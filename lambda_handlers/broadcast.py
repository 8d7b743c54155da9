"""An event of the broadcast queue becomes deliveries, one shard after the other.

The answer names the messages that SQS keeps, because somebody is still to be reached.
"""

import logging
from typing import Any

from django.db import connections

from config import django_setup  # noqa: F401 - before models can be imported
from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.exceptions import NoCredentials, NoRegion
from django_aws_api_gateway_websockets.messaging.broadcast_queue import BroadcastQueue
from django_aws_api_gateway_websockets.messaging.shard_pointers import pointer_in
from django_aws_api_gateway_websockets.models.broadcast_delivery import (
    FIRST_PAUSE,
    Turn,
    deliver_shard,
)

from .database_connections import checked_connections
from .event_members import Members, is_filled_text, is_text, member, require_event

logger = logging.getLogger(__name__)

RECORD: Members = {
    "messageId": is_filled_text,
    "receiptHandle": is_filled_text,
    "body": is_text,
}
RESERVE = 5  # seconds, for what is done after a delivery
LEAST_SECONDS = 1  # in which a delivery is worth being begun
# Clocks of two functions do not quite agree.
CLAIM_OUTLIVES_FUNCTION_BY = 10  # seconds

LATER = Turn(is_over=False, pause=FIRST_PAUSE)
WHEN_THE_QUEUE_SAYS = Turn(is_over=False)


def is_record(value: Any) -> bool:
    return all(fits(member(value, name)) for name, fits in RECORD.items())


def is_records(value: Any) -> bool:
    return isinstance(value, list) and all(map(is_record, value))


MEMBERS: Members = {"Records": is_records}


def handler(event: Any, context: Any) -> dict[str, list[dict[str, str]]]:
    require_event(event, MEMBERS, of="an SQS queue")
    records = event["Records"]
    kept = []
    for number, record in enumerate(records):
        with checked_connections():  # each: one that was lost is of one shard
            turn = turn_of(record, context, others=len(records) - number - 1)
        if not turn.is_over:
            kept.append({"itemIdentifier": record["messageId"]})
            put_off(record, turn.pause)
    return {"batchItemFailures": kept}


def turn_of(record: dict[str, str], context: Any, *, others: int) -> Turn:
    """Deliver what the message points at, and leave time for the others."""
    try:
        pointer = pointer_in(record["body"], databases=connections)
    except ValueError as error:
        logger.error("Message %s is no shard: %s", record["messageId"], error)  # noqa: TRY400 - nothing here has failed
        return LATER
    remaining = context.get_remaining_time_in_millis() / 1000
    seconds = (remaining - RESERVE) / (others + 1)
    if seconds < LEAST_SECONDS:
        logger.warning("There was no time left for %s", pointer)
        return LATER
    try:
        return deliver_shard(
            pointer,
            seconds=seconds,
            claim_seconds=remaining + CLAIM_OUTLIVES_FUNCTION_BY,
        )
    except (NoCredentials, NoRegion):
        raise  # no other message could do better
    except Exception:
        logger.exception("Shard %s could not be delivered", pointer.shard)
        return WHEN_THE_QUEUE_SAYS


def put_off(record: dict[str, str], seconds: int | None) -> None:
    if seconds is not None and conf.broadcast_queue_url:
        queue = BroadcastQueue(conf.broadcast_queue_url)
        queue.put_off(record["receiptHandle"], seconds)
