"""What the sender reads in the gateway's answer."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from django_aws_api_gateway_websockets.messaging import verdicts
from django_aws_api_gateway_websockets.messaging.contract import Delivery

from .responses import Response

POSSIBLE_YEARS = range(1970, 2200)  # beyond them dates cannot be reckoned with
# An error's type, as it stands in a header before a colon and an address.
ERROR_TYPE = re.compile(r"[A-Za-z0-9_.]{1,100}")
WRONG_TIME = re.compile(
    "InvalidSignature|SignatureDoesNotMatch|RequestTimeTooSkewed|RequestExpired"
)


def delivery_of(response: Response) -> Delivery:
    status = response.status
    if status == 200:  # as nearly all are: nothing else is looked for in it
        return verdicts.verdict(status, "", answer=response)
    return verdicts.verdict(
        status,
        verdicts.reason_of(status, error_type_of(response), message_of(response)),
        is_expired=is_expired(response),
        answer=response,
    )


def error_type_of(response: Response) -> str:
    found = ERROR_TYPE.match(response.header("x-amzn-errortype"))
    return found[0] if found else ""


def message_of(response: Response) -> str:
    try:
        body = json.loads(response.body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(body, Mapping):
        return ""
    message = body.get("message", body.get("Message"))
    return message if isinstance(message, str) else ""


def is_expired(response: Response) -> bool:
    """By the next try there may be new credentials."""
    return verdicts.is_expired(response.status, error_type_of(response))


def gateway_time(response: Response) -> datetime | None:
    """The time there, in an answer that refuses a signature, possibly for its time."""
    if response.status != 403 or not WRONG_TIME.match(error_type_of(response)):
        return None
    try:
        theirs = parsedate_to_datetime(response.header("date"))
    except (ValueError, OverflowError):
        return None
    if theirs.year not in POSSIBLE_YEARS:
        return None
    return theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
