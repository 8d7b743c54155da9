from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from django_aws_api_gateway_websockets import signals
from django_aws_api_gateway_websockets.messaging.broadcast import BroadcastResult
from django_aws_api_gateway_websockets.messaging.encoding import encode

from .batches import ROWS_AT_ONCE, delete_in_batches, in_batches
from .closed_reasons import IS_OPEN_OR_GONE, MAY_COME_BACK, ClosedReason
from .databases import WritingQuerySet, with_user
from .gateways import ApiGateway
from .hanging_up import hang_up
from .recipients import recipients_of
from .sending import Deferred, deliver, send_when_committed, sessions_that_left

if TYPE_CHECKING:
    from .sessions import WebSocketSession

# "Connection duration for WebSocket API", Amazon API Gateway quotas: cannot be raised.
LONGEST_CONNECTION = timedelta(hours=2)
# Long enough to look into what went wrong, a weekend included.
CLOSED_ROWS_ARE_KEPT_FOR = timedelta(days=7)


class WebSocketSessionQuerySet(WritingQuerySet["WebSocketSession"]):
    def send_message(
        self, message: Mapping[str, Any], max_workers: int = 10
    ) -> BroadcastResult | Deferred:
        """Send to each open session of the queryset once.

        Who gets it is decided now. Inside a transaction the message goes out after
        the commit, and `DEFERRED` is returned.
        """
        data = encode(message)
        recipients = recipients_of(self)

        def send() -> BroadcastResult:
            outcomes = deliver(recipients, data, max_workers=max_workers)
            self.all_rows.close_as_gone(sessions_that_left(outcomes))
            return BroadcastResult(outcomes)

        return send_when_committed(send, using=self.write_alias)

    def disconnect(
        self,
        reason: ClosedReason = ClosedReason.STAFF,
        *,
        reconnect: bool | None = None,
    ) -> int:
        """Close these sessions, say goodbye and hang up; returns how many were open.

        `reconnect` is what clients are told. Inside a transaction they are hung up on
        after the commit.
        """
        recipients = recipients_of(self)
        for batch in chunks(list(self.values_list("pk", flat=True))):
            self.all_rows.filter(IS_OPEN_OR_GONE, pk__in=batch).close(reason)
        if reconnect is None:
            reconnect = reason in MAY_COME_BACK

        def tell() -> None:
            connection_ids = [recipient.connection_id for recipient in recipients]
            signals.disconnected.send_robust(
                self.model, connection_ids=connection_ids, reason=reason
            )
            hang_up(recipients, reason, reconnect=reconnect)

        if recipients:
            transaction.on_commit(tell, using=self.write_alias, robust=True)
        return len(recipients)

    @property
    def all_rows(self) -> "WebSocketSessionQuerySet":
        """Where these rows are written, without a filter of this queryset."""
        return self.model.objects.using(self.write_alias)

    def of_connection(self, connection_id: str) -> "WebSocketSession | None":
        """The session with its user, in one statement."""
        # By its id alone: with the gateway in the WHERE, SQLite takes another index.
        rows = self.for_write().filter(connection_id=connection_id)
        return with_user(rows).first()

    def close_as_gone(self, pks: Iterable[int]) -> None:
        for batch in chunks(list(pks)):
            rows = self.filter(pk__in=batch, connected=True)
            rows.close_and_tell(ClosedReason.GONE)

    def close_and_tell(self, reason: ClosedReason) -> int:
        """Close all of these rows, which are read first if somebody listens."""
        is_hint = reason is ClosedReason.GONE
        signal = signals.gone if is_hint else signals.disconnected
        if not signal.has_listeners(self.model):
            return self.close(reason)
        connection_ids = list(self.values_list("connection_id", flat=True))
        closed = self.close(reason)
        signal.send_robust(self.model, connection_ids=connection_ids, reason=reason)
        return closed

    def close(self, reason: ClosedReason) -> int:
        """Close all of these rows in one statement."""
        now = timezone.now()
        return self.update(
            connected=False, closed_reason=reason, closed_on=now, updated_on=now
        )

    def close_aged(self) -> int:
        """Close the sessions whose end was never reported, though it must have come."""
        rows = self.for_write().filter(
            connected=True, created_on__lt=timezone.now() - LONGEST_CONNECTION
        )
        return sum(batch.close_and_tell(ClosedReason.AGE) for batch in in_batches(rows))

    def delete_long_closed(self) -> int:
        """Delete the sessions that were closed a week ago."""
        long_ago = timezone.now() - CLOSED_ROWS_ARE_KEPT_FOR
        # Rows from before there was a `closed_on` were last touched by their closing.
        closed_long_ago = Q(closed_on__lt=long_ago) | Q(
            closed_on=None, updated_on__lt=long_ago
        )
        return delete_in_batches(
            self.for_write().filter(closed_long_ago, connected=False)
        )

    def end(self, connection_id: str, *, api_id: str) -> bool:
        """Close the session that the gateway has ended; False if there was none."""
        # EXISTS leaves the look-up to the index of connection_id. A join makes
        # SQLite walk the gateway's sessions instead.
        gateway = ApiGateway.objects.using(self.write_alias).filter(
            pk=OuterRef("api_gateway_id"), api_id=api_id
        )
        session = self.for_write().filter(IS_OPEN_OR_GONE, connection_id=connection_id)
        return session.filter(Exists(gateway)).close(ClosedReason.DISCONNECT) > 0

    def leave_closed(self, connection_id: str, gateway: ApiGateway) -> None:
        """Make a closed row, so that a `$connect` that comes late is refused."""
        session = self.model(
            connection_id=connection_id,
            channel_name=gateway.default_channel_name,
            api_gateway=gateway,
            connected=False,
            closed_reason=ClosedReason.DISCONNECT,
            closed_on=timezone.now(),
        )
        self.bulk_create([session], ignore_conflicts=True)


def chunks(pks: list[int]) -> Iterable[list[int]]:
    for start in range(0, len(pks), ROWS_AT_ONCE):
        yield pks[start : start + ROWS_AT_ONCE]
