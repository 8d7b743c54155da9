"""Mails an error of a view to ADMINS: seldom, and without holding up the event."""

import logging
import traceback
from threading import Thread

from django.conf import settings
from django.core.mail import mail_admins
from django.db import Error

from django_aws_api_gateway_websockets.models import RateLimit, RateLimitBucket

logger = logging.getLogger("django_aws_api_gateway_websockets.views")


def mail_exception(
    error: Exception, *, view: type, interval: int, description: str
) -> None:
    """Mail it, at most once in so many seconds for each view, whichever process asks."""
    name = f"{view.__module__}.{view.__qualname__}"
    if not settings.ADMINS or not is_due(name, interval):
        return
    subject = f"{type(error).__name__} in {name}"
    text = f"{description}\n\n{traceback_without_values(error)}"
    # A daemon: a mail server that does not answer holds up no end of the process.
    Thread(
        target=send, args=(subject, text), name="exception-mail", daemon=True
    ).start()


def traceback_without_values(error: BaseException | None) -> str:
    """Where it happened, without what was said: an error often quotes a message.

    All of it is in the log.
    """
    parts: list[str] = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        frames = "".join(traceback.format_tb(error.__traceback__))
        parts.append(f"{frames}{type(error).__name__}\n")
        error = error.__cause__ or (
            None if error.__suppress_context__ else error.__context__
        )
    return "\n".join(reversed(parts))


def is_due(name: str, interval: int) -> bool:
    try:
        limit = RateLimit(limit=1, window=max(1, interval))
        return not RateLimitBucket.objects.take_slot(f"mail {name}", limit)
    except Error:
        # The error may be that there is no database; then it is in the log alone.
        return False


def send(subject: str, text: str) -> None:
    try:
        mail_admins(subject, text)
    except Exception:
        logger.exception("The mail about an error was not sent")
