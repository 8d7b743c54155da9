from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import models, router
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from django_aws_api_gateway_websockets.exceptions import SendFailed
from django_aws_api_gateway_websockets.messaging.contract import Outcome, Recipient
from django_aws_api_gateway_websockets.messaging.encoding import encode
from django_aws_api_gateway_websockets.transactions import repeat_on_conflict

from .cascades import cascade_of_many
from .closed_reasons import HUNG_UP, MAY_COME_BACK, ClosedReason
from .counting import Counted, count
from .databases import read_users
from .exact_text import ExactCharField
from .gateways import ApiGateway
from .hanging_up import hang_up
from .message_limits import Excess, LimitedMessages, message_limit
from .rate_limits import NO_LIMIT, microseconds_now
from .recipients import recipient_of
from .sending import (
    LONGEST_MESSAGE,
    MAY_BE_THERE,
    Deferred,
    deliver,
    refused_in_event_loop,
    send_when_committed,
)
from .session_queryset import WebSocketSessionQuerySet

MESSAGES_ARE_UNDER_WAY_FOR = timedelta(seconds=5)


class WebSocketSession(LimitedMessages):
    """One connection of one client, from its handshake on."""

    connection_id = ExactCharField(max_length=255, unique=True)
    channel_name = ExactCharField(max_length=255, blank=True, default="")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=cascade_of_many,
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
    request_count = models.PositiveBigIntegerField(
        default=0, help_text="Messages of the client."
    )
    session_key_hash = models.CharField(
        max_length=64, blank=True, default="", db_index=True
    )
    auth_hash = models.CharField(max_length=128, blank=True, default="")
    created_on = models.DateTimeField(auto_now_add=True)
    updated_on = models.DateTimeField(auto_now=True)
    closed_reason = models.CharField(
        max_length=16,
        choices=ClosedReason.choices,
        blank=True,
        default="",
        db_default="",
    )
    closed_on = models.DateTimeField(null=True, blank=True)

    objects = WebSocketSessionQuerySet.as_manager()

    class Meta:
        verbose_name = "WebSocket session"
        indexes = [
            # With the key, by which a channel is walked a page at a time.
            models.Index(
                fields=["channel_name", "connected", "id"], name="ws_channel_open"
            )
        ]

    def __str__(self) -> str:
        return self.connection_id

    @refused_in_event_loop
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

    async def asend_message(
        self, message: Mapping[str, Any]
    ) -> dict[str, Any] | Deferred | None:
        return await sync_to_async(self.send_message)(message)

    def send_to(self, recipient: Recipient, data: bytes) -> dict[str, Any] | None:
        [(_, delivery)] = deliver([recipient], data, seconds=LONGEST_MESSAGE)
        if delivery.outcome in MAY_BE_THERE:
            raise SendFailed(delivery.outcome.value, delivery.reason)
        if delivery.outcome is Outcome.GONE:
            rows = WebSocketSession.objects.using(self.write_alias)
            if rows.close_as_gone([self.pk]):
                self.connected = False
                self.closed_reason = ClosedReason.GONE
        return delivery.response if delivery.outcome is Outcome.SENT else None

    def disconnect(
        self,
        reason: ClosedReason = ClosedReason.STAFF,
        *,
        reconnect: bool | None = None,
    ) -> bool:
        """Close the session, say goodbye and hang up; False if it was not open."""
        rows = WebSocketSession.objects.using(self.write_alias).filter(pk=self.pk)
        was_open = rows.disconnect(reason, reconnect=reconnect) > 0
        self.connected = False
        self.closed_reason = reason
        return was_open

    @property
    def write_alias(self) -> str:
        return router.db_for_write(WebSocketSession, instance=self)

    @property
    def ended_login(self) -> ClosedReason | None:
        """What has ended the login of this session's user since it was opened."""
        if self.user_id is None:
            return None
        # None: deleted by hand, or in another database.
        if self.user is None or not self.user.is_active:
            return ClosedReason.DEACTIVATED
        if self.auth_hash and not is_auth_hash_of(self.user, self.auth_hash):
            return ClosedReason.PASSWORD
        return None

    def count_message(self, *, limited: bool = True) -> Counted:
        """Count a message of the client, which proves that it is not gone."""
        limit = message_limit() if limited else None
        now = microseconds_now()
        if (
            limit
            and self.connected
            and not limit.has_slot_at(self.messages_free_at, now)
        ):
            return Counted.TOO_MANY  # since it was read there are fewer slots, not more
        counted = count(
            WebSocketSession,
            self.write_alias,
            pk=self.pk,
            updated_on=timezone.now(),
            **(limit.at(now) if limit else NO_LIMIT),
        )
        if counted in {Counted.COUNTED, Counted.REOPENED}:
            self.request_count += 1
            self.connected = True
            self.closed_reason = ""
            self.closed_on = None
        return counted

    def refresh_user(self) -> None:
        """Read the user again, who may have changed since."""
        type(self)._meta.get_field("user").delete_cached_value(self)
        read_users([self], everywhere=True)

    def hang_up_again(self) -> None:
        """If the client writes long after it was hung up on; at most once a second."""
        if self.closed_reason not in HUNG_UP or self.closed_on is None:
            return
        is_late = timezone.now() - self.closed_on > MESSAGES_ARE_UNDER_WAY_FOR
        if is_late and self.note_excess() is not Excess.DROP:
            reason = ClosedReason(self.closed_reason)
            hang_up([recipient_of(self)], reason, reconnect=reason in MAY_COME_BACK)

    def move_to(self, channel_name: str) -> None:
        rows = WebSocketSession.objects.using(self.write_alias).filter(pk=self.pk)
        columns = {"channel_name": channel_name, "updated_on": timezone.now()}
        repeat_on_conflict(lambda: rows.update(**columns), using=self.write_alias)
        self.channel_name = channel_name


def auth_hash_of(user: Any) -> str:
    """Changes with the password; empty for users that have none."""
    return (
        user.get_session_auth_hash() if hasattr(user, "get_session_auth_hash") else ""
    )


def auth_hashes_of(user: Any) -> list[str]:
    """The one now, and those under keys of the site that were in use before."""
    fallbacks = getattr(user, "get_session_auth_fallback_hash", tuple)
    return [auth_hash_of(user), *fallbacks()]


def is_auth_hash_of(user: Any, auth_hash: str) -> bool:
    return any(constant_time_compare(auth_hash, each) for each in auth_hashes_of(user))
