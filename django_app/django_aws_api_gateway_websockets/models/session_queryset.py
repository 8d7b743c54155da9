from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import connections, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.transactions import repeat_on_conflict

from .closed_reasons import IS_OPEN_OR_GONE, MAY_COME_BACK, ClosedReason
from .closing import closed
from .compiled import CompiledSelect, CompiledUpdate, Parameter
from .databases import read_user, with_user
from .gateways import ApiGateway
from .hanging_up import HungUp, hang_up
from .pages import primary_keys_of
from .recipients import recipients_in
from .sending_queryset import SendingQuerySet

if TYPE_CHECKING:
    from .sessions import WebSocketSession

# "Connection duration for WebSocket API", Amazon API Gateway quotas: cannot be raised.
LONGEST_CONNECTION = timedelta(hours=2)

# By its id alone: with the gateway in the WHERE, SQLite takes another index.
OF_CONNECTION = CompiledSelect["WebSocketSession"](
    lambda sessions: with_user(
        sessions.filter(connection_id=Parameter("connection_id", models.CharField()))
    )
)


def ending(sessions: models.QuerySet[Any], state: Q) -> models.QuerySet[Any]:
    # EXISTS leaves the look-up to the index of connection_id. A join makes SQLite walk
    # the gateway's sessions instead.
    gateway = ApiGateway.objects.using(sessions.db).filter(
        pk=OuterRef("api_gateway_id"), api_id=Parameter("api_id", models.CharField())
    )
    connection_id = Parameter("connection_id", models.CharField())
    return sessions.filter(state, Exists(gateway), connection_id=connection_id)


ENDED = closed(ClosedReason.DISCONNECT, Parameter("now", models.DateTimeField()))
END_OPEN = CompiledUpdate(lambda sessions: (ending(sessions, Q(connected=True)), ENDED))
END_GONE = CompiledUpdate(
    lambda sessions: (ending(sessions, Q(closed_reason=ClosedReason.GONE)), ENDED)
)


class WebSocketSessionQuerySet(SendingQuerySet):
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
        return self.hang_up(reason, reconnect=reconnect).closed

    def hang_up(
        self,
        reason: ClosedReason = ClosedReason.STAFF,
        *,
        reconnect: bool | None = None,
    ) -> HungUp:
        """As `disconnect`, and tells what came of it."""
        pks = primary_keys_of(self.for_write(), IS_OPEN_OR_GONE)
        rows = self.all_rows.close_these(pks, reason)
        recipients = list(recipients_in([rows], self.write_alias))
        if reconnect is None:
            reconnect = reason in MAY_COME_BACK
        is_deferred = connections[self.write_alias].in_atomic_block
        result = HungUp(len(recipients), is_deferred)
        if recipients:
            self.tell_of([row.connection_id for row in rows], reason)
            transaction.on_commit(
                lambda: result.failures.update(
                    hang_up(recipients, reason, reconnect=reconnect)
                ),
                using=self.write_alias,
                robust=True,
            )
        return result

    def of_connection(self, connection_id: str) -> "WebSocketSession | None":
        """The session with its user, in one statement."""
        return read_user(
            OF_CONNECTION.first(
                self.model, self.write_alias, connection_id=connection_id
            )
        )

    def aged(self) -> Self:
        """The open ones whose end was never reported, though it must have come."""
        return self.for_write().filter(
            connected=True, created_on__lt=timezone.now() - LONGEST_CONNECTION
        )

    def closed_long_ago(self) -> Self:
        """Those that are kept no longer."""
        long_ago = timezone.now() - timedelta(days=conf.closed_session_retention_days)
        # Rows from before there was a `closed_on` were last touched by their closing.
        closed_long_ago = Q(closed_on__lt=long_ago) | Q(
            closed_on=None, updated_on__lt=long_ago
        )
        return self.for_write().filter(closed_long_ago, connected=False)

    def closed_for_good(self) -> Self:
        """The closed ones of whose connections nothing can be heard any more."""
        return self.for_write().filter(
            connected=False, created_on__lt=timezone.now() - LONGEST_CONNECTION
        )

    def end(self, connection_id: str, *, api_id: str) -> bool:
        """Close the session that the gateway has ended; False if none was open."""
        values = {
            "connection_id": connection_id,
            "api_id": api_id,
            "now": timezone.now(),
        }
        if END_OPEN.execute(self.model, self.write_alias, **values):
            self.tell_of([connection_id], ClosedReason.DISCONNECT)
            return True
        END_GONE.execute(self.model, self.write_alias, **values)
        return False

    def leave_closed(
        self,
        connection_ids: Iterable[str],
        reason: ClosedReason,
        gateway: ApiGateway | None = None,
    ) -> None:
        """Make closed rows, so that a `$connect` that comes late is refused."""
        now = timezone.now()
        sessions = [
            self.model(
                connection_id=connection_id,
                channel_name=gateway.default_channel_name if gateway else "",
                api_gateway=gateway,
                connected=False,
                closed_reason=reason,
                closed_on=now,
            )
            for connection_id in connection_ids
        ]
        repeat_on_conflict(
            lambda: self.bulk_create(sessions, ignore_conflicts=True),
            using=self.write_alias,
        )
