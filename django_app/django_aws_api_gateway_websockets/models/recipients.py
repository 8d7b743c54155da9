"""Who of a queryset gets a message, and where it is posted."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils import timezone

from django_aws_api_gateway_websockets.messaging.contract import Recipient

from .gateways import ApiGateway
from .pages import HANDSHAKE_AGE

if TYPE_CHECKING:
    from .sessions import WebSocketSession


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
        may_be_connecting=session.request_count == 0
        and timezone.now() - session.created_on < HANDSHAKE_AGE,
    )


def recipients_in(pages: Iterable[Sequence[Any]], database: str) -> Iterator[Recipient]:
    """The recipients of pages of rows, as they are asked for."""
    addresses: dict[int | None, Address] = {None: NO_GATEWAY}
    for rows in pages:
        find_addresses({row.api_gateway_id for row in rows}, addresses, database)
        for row in rows:
            callback_url, fault = addresses[row.api_gateway_id]
            yield Recipient(
                row.pk, row.connection_id, callback_url, bool(row.is_new), fault
            )


def find_addresses(
    gateways: set[int | None], addresses: dict[int | None, Address], database: str
) -> None:
    unknown = [key for key in gateways if key is not None and key not in addresses]
    if not unknown:
        return
    known = ApiGateway.objects.using(database).in_bulk(unknown)
    for key in unknown:
        addresses[key] = address_of(known[key]) if key in known else NO_GATEWAY


def address_of(gateway: ApiGateway) -> Address:
    # One gateway without an address must not stop the messages of the others.
    try:
        return Address(gateway.management_endpoint)
    except ValueError as error:
        return Address("", str(error))
