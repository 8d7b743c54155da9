"""What the gateway's answer means for a recipient, whoever has asked for it."""

import re

from .contract import Answer, Delivery, Outcome

LONGEST_REASON = 200  # letters
# With it there would be as many reasons as recipients, and none to be counted.
NAMED_ID = re.compile(r"(?<=@connections)/\S+|(?<=\bconnectionId): *\S+", re.IGNORECASE)
EXPIRED = re.compile("ExpiredToken")


def verdict(
    status: int, reason: str, *, is_expired: bool = False, answer: Answer | None = None
) -> Delivery:
    """What became of the recipient; the status decides.

    A 410 may come without an error type. `is_expired` are the credentials.
    """
    if 200 <= status < 300:
        return Delivery(Outcome.SENT, "", False, answer)
    if status == 410:
        return Delivery(Outcome.GONE, "HTTP 410", answer=answer)
    if status == 429:
        return Delivery(Outcome.THROTTLED, reason, is_transient=True, answer=answer)
    # By the next try there may be new credentials.
    is_transient = status >= 500 or status == 408 or is_expired
    return Delivery(Outcome.FAILED, reason, is_transient=is_transient, answer=answer)


def reason_of(status: int, error_type: str, message: str) -> str:
    """For example `HTTP 403 AccessDeniedException: User … is not authorized …`."""
    reason = f"HTTP {status} {error_type}".rstrip()
    message = one_line(NAMED_ID.sub("", message))
    return f"{reason}: {message}"[:LONGEST_REASON] if message else reason


def one_line(message: str) -> str:
    """Of letters that any log, database and terminal takes."""
    visible = (each if each.isprintable() else " " for each in message)
    return " ".join("".join(visible).split())


def is_expired(status: int, error_type: str) -> bool:
    return status == 403 and bool(EXPIRED.match(error_type))
