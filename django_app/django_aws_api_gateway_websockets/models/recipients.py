"""Who of a queryset gets a message, and where it is posted."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Q
from django.utils import timezone

from django_aws_api_gateway_websockets.messaging.broadcast import Recipient

from .gateways import ApiGateway

if TYPE_CHECKING:
    from .session_queryset import WebSocketSessionQuerySet
    from .sessions import WebSocketSession

HANDSHAKE_AGE = timedelta(seconds=30)
COLUMNS = (
    "pk",
    "connection_id",
    "api_gateway_id",
    "created_on",
    "request_count",
    "connected",
)


class Address(NamedTuple):
    """Where a gateway takes messages, or what is wrong with it."""

    callback_url: str
    fault: str = ""


NO_GATEWAY = Address("", "the session has no gateway")


def recipient_of(session: "WebSocketSession") -> Recipient:
    """One session's recipient; ValueError where its gateway has no address."""
    if session.api_gateway is None:
        raise ValueError(f"Session {session} has no gateway to send through")
    return Recipient(
        session=session.pk,
        connection_id=session.connection_id,
        callback_url=session.api_gateway.management_endpoint,
        may_be_connecting=is_new(
            session.created_on, session.request_count, timezone.now()
        ),
    )


def recipients_of(sessions: "WebSocketSessionQuerySet") -> list[Recipient]:
    """Each open session of a queryset once, in a statement or two."""
    rows = rows_of(sessions, Q(connected=True))
    return recipients_in([row for row in rows if row.connected], sessions.db)


def rows_of(sessions: "WebSocketSessionQuerySet", condition: Q) -> list[Any]:
    """Each row once; the condition is a hint that a slice or a union does not take."""
    if not (sessions.query.is_sliced or sessions.query.combinator):
        sessions = sessions.filter(condition)
    # A join may repeat a row.
    rows = {row.pk: row for row in sessions.values_list(*COLUMNS, named=True)}
    return list(rows.values())


def recipients_in(rows: Sequence[Any], database: str) -> list[Recipient]:
    addresses = addresses_of({row.api_gateway_id for row in rows}, database)
    now = timezone.now()
    return [
        Recipient(
            session=row.pk,
            connection_id=row.connection_id,
            callback_url=addresses[row.api_gateway_id].callback_url,
            may_be_connecting=is_new(row.created_on, row.request_count, now),
            fault=addresses[row.api_gateway_id].fault,
        )
        for row in rows
    ]


def addresses_of(gateways: set[int | None], database: str) -> dict[int | None, Address]:
    known = ApiGateway.objects.using(database).in_bulk(
        [key for key in gateways if key is not None]
    )
    return {
        key: address_of(known[key]) if key in known else NO_GATEWAY for key in gateways
    }


def address_of(gateway: ApiGateway) -> Address:
    # One gateway without an address must not stop the messages of the others.
    try:
        return Address(gateway.management_endpoint)
    except ValueError as error:
        return Address("", str(error))


def is_new(created_on: datetime, request_count: int, now: datetime) -> bool:
    """No message has come yet, and the handshake may not be through."""
    return request_count == 0 and now - created_on < HANDSHAKE_AGE
