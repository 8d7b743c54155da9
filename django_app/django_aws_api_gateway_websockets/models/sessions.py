from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models, router
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from django_aws_api_gateway_websockets.exceptions import SendFailed
from django_aws_api_gateway_websockets.messaging.broadcast import (
    BroadcastResult,
    Recipient,
)
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.messaging.encoding import encode

from .batches import ROWS_AT_ONCE, delete_in_batches, in_batches
from .gateways import ApiGateway
from .recipients import recipient_of, recipients_of
from .sending import Deferred, deliver, send_when_committed, sessions_that_left

# "Connection duration for WebSocket API", Amazon API Gateway quotas: cannot be raised.
LONGEST_CONNECTION = timedelta(hours=2)
# Long enough to look into what went wrong, a weekend included.
CLOSED_ROWS_ARE_KEPT_FOR = timedelta(days=7)


class ClosedReason(models.TextChoices):
    """Why a session is closed. Only one that is `gone` can open again."""

    # The gateway reported the end of the connection.
    DISCONNECT = "disconnect"
    # A message found nobody: a hint, which the next message of the client refutes.
    GONE = "gone"
    # The user logged out.
    LOGOUT = "logout"
    # Somebody closed it by hand.
    STAFF = "staff"
    # It was older than any connection can be.
    AGE = "age"


IS_OPEN_OR_GONE = Q(connected=True) | Q(closed_reason=ClosedReason.GONE)


class WebSocketSessionQuerySet(models.QuerySet["WebSocketSession"]):
    def send_message(
        self, message: Mapping[str, Any], max_workers: int = 10
    ) -> BroadcastResult | Deferred:
        """Send to each open session of the queryset once.

        Who gets it is decided now. Inside a transaction the message goes out after
        the commit, and `DEFERRED` is returned.
        """
        data = encode(message)
        recipients = recipients_of(self)
        using = self.write_alias

        def send() -> BroadcastResult:
            outcomes = deliver(recipients, data, max_workers=max_workers)
            rows = WebSocketSession.objects.using(using)
            rows.close_as_gone(sessions_that_left(outcomes))
            return BroadcastResult(outcomes)

        return send_when_committed(send, using=using)

    @property
    def write_alias(self) -> str:
        # As Django chooses it for its own writes; django-stubs knows neither name.
        chosen: str | None = self._db  # type: ignore[attr-defined]
        hints: dict[str, Any] = self._hints  # type: ignore[attr-defined]
        return chosen or router.db_for_write(self.model, **hints)

    def close_as_gone(self, sessions: Iterable[int]) -> None:
        pks = list(sessions)
        for start in range(0, len(pks), ROWS_AT_ONCE):
            batch = self.filter(pk__in=pks[start : start + ROWS_AT_ONCE])
            batch.filter(connected=True).close(ClosedReason.GONE)

    def close(self, reason: ClosedReason) -> int:
        """Close all of these rows in one statement."""
        now = timezone.now()
        return self.update(
            connected=False, closed_reason=reason, closed_on=now, updated_on=now
        )

    def close_aged(self) -> int:
        """Close the sessions whose end was never reported, though it must have come."""
        rows = self.using(self.write_alias).filter(
            connected=True, created_on__lt=timezone.now() - LONGEST_CONNECTION
        )
        return sum(batch.close(ClosedReason.AGE) for batch in in_batches(rows))

    def delete_long_closed(self) -> int:
        """Delete the sessions that were closed a week ago."""
        long_ago = timezone.now() - CLOSED_ROWS_ARE_KEPT_FOR
        # Rows from before there was a `closed_on` were last touched by their closing.
        closed_long_ago = Q(closed_on__lt=long_ago) | Q(
            closed_on=None, updated_on__lt=long_ago
        )
        rows = self.using(self.write_alias).filter(closed_long_ago, connected=False)
        return delete_in_batches(rows)

    def disconnect(self, connection_id: str, *, api_id: str) -> bool:
        """Close the session that has ended; False if there was none to close."""
        # EXISTS leaves the look-up to the index of connection_id. A join makes
        # SQLite walk the gateway's sessions instead.
        gateway = ApiGateway.objects.filter(
            pk=OuterRef("api_gateway_id"), api_id=api_id
        )
        session = self.filter(IS_OPEN_OR_GONE, connection_id=connection_id)
        return session.filter(Exists(gateway)).close(ClosedReason.DISCONNECT) > 0

    def leave_closed(self, connection_id: str, gateway: ApiGateway) -> None:
        """Make a closed row, so that a `$connect` that comes late is refused."""
        session = WebSocketSession(
            connection_id=connection_id,
            channel_name=gateway.default_channel_name,
            api_gateway=gateway,
            connected=False,
            closed_reason=ClosedReason.DISCONNECT,
            closed_on=timezone.now(),
        )
        self.bulk_create([session], ignore_conflicts=True)


class WebSocketSession(models.Model):
    """One connection of one client, from its handshake on."""

    connection_id = models.CharField(max_length=128, unique=True)
    channel_name = models.CharField(max_length=255)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="websocket_sessions",
    )
    connected = models.BooleanField(default=True)
    api_gateway = models.ForeignKey(
        ApiGateway,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="sessions",
    )
    request_count = models.PositiveIntegerField(
        default=0, help_text="Messages of the client."
    )
    session_key_hash = models.CharField(max_length=64, blank=True, default="")
    auth_hash = models.CharField(max_length=128, blank=True, default="")
    created_on = models.DateTimeField(auto_now_add=True)
    updated_on = models.DateTimeField(auto_now=True)
    closed_reason = models.CharField(
        max_length=16, choices=ClosedReason.choices, blank=True, default=""
    )
    closed_on = models.DateTimeField(null=True, blank=True)

    objects = WebSocketSessionQuerySet.as_manager()

    class Meta:
        verbose_name = "WebSocket session"
        indexes = [
            models.Index(fields=["channel_name", "connected"], name="ws_channel_open")
        ]

    def __str__(self) -> str:
        return self.connection_id

    def send_message(
        self, message: Mapping[str, Any]
    ) -> dict[str, Any] | Deferred | None:
        """Send to this client: the gateway's response, or None if it was not there.

        Raises SendFailed where the client may be there and did not get it. Inside a
        transaction the message goes out after the commit, and `DEFERRED` is returned.
        """
        data = encode(message)
        if not self.connected:
            return None
        recipient = recipient_of(self)
        return send_when_committed(
            lambda: self.send_to(recipient, data), using=self.write_alias
        )

    def send_to(self, recipient: Recipient, data: bytes) -> dict[str, Any] | None:
        outcomes = deliver([recipient], data)
        [(_, delivery)] = outcomes
        if delivery.outcome is Outcome.SENT:
            return delivery.response
        if delivery.outcome is not Outcome.GONE:
            raise SendFailed(delivery.outcome.value, delivery.reason)
        if sessions_that_left(outcomes):
            rows = WebSocketSession.objects.using(self.write_alias)
            rows.close_as_gone([self.pk])
            self.connected = False
            self.closed_reason = ClosedReason.GONE
        return None

    @property
    def write_alias(self) -> str:
        return router.db_for_write(WebSocketSession, instance=self)

    def count_message(self) -> bool:
        """Count a message of the client, which proves that it is not gone.

        False if the session is closed for good.
        """
        rows = WebSocketSession.objects.using(self.write_alias)
        is_open = rows.filter(IS_OPEN_OR_GONE, pk=self.pk).update(
            request_count=F("request_count") + 1,
            connected=True,
            closed_reason="",
            closed_on=None,
            updated_on=timezone.now(),
        )
        if not is_open:
            return False
        self.request_count += 1
        self.connected = True
        self.closed_reason = ""
        self.closed_on = None
        return True
