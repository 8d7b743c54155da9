"""What the gateway's answer means for a recipient."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from django_aws_api_gateway_websockets.messaging.contract import Delivery, Outcome

from .responses import Response

LONGEST_REASON = 200  # letters
POSSIBLE_YEARS = range(1970, 2200)  # beyond them dates cannot be reckoned with
# An error's type, as it stands in a header before a colon and an address.
ERROR_TYPE = re.compile(r"[A-Za-z0-9_.]{1,100}")
EXPIRED = re.compile("ExpiredToken")
WRONG_TIME = re.compile(
    "InvalidSignature|SignatureDoesNotMatch|RequestTimeTooSkewed|RequestExpired"
)


def delivery_of(response: Response) -> Delivery:
    # The status decides: a 410 may come without an error type in its headers.
    status = response.status
    if 200 <= status < 300:
        return Delivery(Outcome.SENT, "", False, response)
    if status == 410:
        return Delivery(Outcome.GONE, "HTTP 410", answer=response)
    reason = reason_of(response)
    if status == 429:
        return Delivery(Outcome.THROTTLED, reason, may_pass=True, answer=response)
    may_pass = status >= 500 or status == 408 or is_expired(response)
    return Delivery(Outcome.FAILED, reason, may_pass=may_pass, answer=response)


def reason_of(response: Response) -> str:
    """For example `HTTP 403 AccessDeniedException: User … is not authorized …`."""
    words = [f"HTTP {response.status}", error_type_of(response)]
    reason = " ".join(word for word in words if word)
    message = message_of(response)
    return f"{reason}: {message}"[:LONGEST_REASON] if message else reason


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
    return one_line(message) if isinstance(message, str) else ""


def one_line(message: str) -> str:
    """Of letters that any log, database and terminal takes."""
    visible = (each if each.isprintable() else " " for each in message)
    return " ".join("".join(visible).split())


def is_expired(response: Response) -> bool:
    """By the next try there may be new credentials."""
    return response.status == 403 and bool(EXPIRED.match(error_type_of(response)))


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
