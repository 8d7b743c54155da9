"""Mails an error of a view to ADMINS: seldom, and without holding up the event."""

import logging
import traceback
from threading import Thread

from django.conf import settings
from django.core.mail import mail_admins
from django.db import DatabaseError

from django_aws_api_gateway_websockets.models import RateLimit, RateLimitBucket

logger = logging.getLogger("django_aws_api_gateway_websockets.views")


def mail_exception(
    error: Exception, *, view: type, interval: int, description: str
) -> None:
    """Mail it, at most once in so many seconds for each view, whichever process asks.

    The mail has the traceback and no values, which might be anybody's secrets.
    """
    name = f"{view.__module__}.{view.__qualname__}"
    if not settings.ADMINS or not is_due(name, interval):
        return
    lines = traceback.format_exception(error)
    subject = f"{type(error).__name__} in {name}"
    text = f"{description}\n\n{''.join(lines)}"
    Thread(target=send, args=(subject, text), name="exception-mail").start()


def is_due(name: str, interval: int) -> bool:
    try:
        limit = RateLimit(limit=1, window=max(1, interval))
        return not RateLimitBucket.objects.take_slot(f"mail {name}", limit)
    except DatabaseError:
        # The error may be that there is no database; then it is in the log alone.
        return False


def send(subject: str, text: str) -> None:
    try:
        mail_admins(subject, text)
    except Exception:
        logger.exception("The mail about an error was not sent")
