"""What has to be cleaned up from time to time: the table is `STEPS`, in its order."""

from collections.abc import Callable, Mapping
from contextlib import suppress

from django.apps import apps
from django.utils import timezone

from .conf import conf
from .ended_logins import close_ended_logins
from .models import (
    Broadcast,
    ConnectionRateLimit,
    RateLimitBucket,
    WebSocketSession,
    WebSocketToken,
)
from .models.batches import delete_in_batches
from .models.django_sessions import session_rows, session_store


def delete_expired_django_sessions() -> int:
    """As `clearsessions`, which deletes them all in one transaction."""
    if not apps.is_installed("django.contrib.sessions"):
        return 0
    if (rows := session_rows()) is not None:
        return delete_in_batches(rows.filter(expire_date__lt=timezone.now()))
    with suppress(NotImplementedError):  # by such a store: it needs no clearing
        session_store().clear_expired()
    return 0


def delete_old_tokens() -> int:
    """Those that are too old to open anything, which stay for five minutes at least."""
    return WebSocketToken.cleanup_expired(max(300, conf.token_expiry_seconds))


STEPS: Mapping[str, Callable[[], int]] = {
    "sessions_closed": WebSocketSession.objects.close_aged,
    "sessions_deleted": WebSocketSession.objects.delete_long_closed,
    "django_sessions_deleted": delete_expired_django_sessions,
    # After those that have expired: a login ends with its session.
    "ended_logins_closed": close_ended_logins,
    "tokens_deleted": delete_old_tokens,
    "attempts_deleted": ConnectionRateLimit.cleanup_old_records,
    "free_limits_deleted": RateLimitBucket.objects.delete_free,
    "broadcasts_deleted": Broadcast.objects.delete_old,
}


def clean_up() -> dict[str, int]:
    """Take all steps, and count the rows of each.

    The first one that fails is the error. What was done stays done, and the next
    clean-up finds the rest.
    """
    return {name: step() for name, step in STEPS.items()}
