"""A message to each session of a queryset."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from itertools import chain
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connections
from django.db.models import Q

from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.messaging.broadcast import BroadcastResult
from django_aws_api_gateway_websockets.messaging.contract import (
    MOST_CONNECTIONS,
    Deliveries,
    Outcome,
)
from django_aws_api_gateway_websockets.messaging.encoding import encode

from .broadcasts import queue_broadcast
from .closing import ClosingQuerySet
from .pages import Page, divided, kept, pages_of
from .recipients import recipients_in
from .sending import (
    LONGEST_BROADCAST,
    Deferred,
    deliver,
    in_a_line,
    logger,
    refused_in_event_loop,
    send_when_committed,
)


class SendingQuerySet(ClosingQuerySet):
    @refused_in_event_loop
    def send_message(
        self, message: Mapping[str, Any], max_workers: int = MOST_CONNECTIONS
    ) -> BroadcastResult | Deferred:
        """Send to each open session of the queryset once.

        At most `max_workers` calls are under way to one endpoint at once. With a queue,
        a message to many is handed over to it. Inside a transaction who gets it is
        decided now, the message goes out after the commit, and `DEFERRED` is returned.
        """
        data = encode(message)
        if max_workers < 1:
            raise ValueError(f"max_workers is {max_workers}: it has to be 1 or more")
        pages = self.open_pages()
        if connections[self.write_alias].in_atomic_block:
            pages = kept(pages)  # whatever becomes of the rows until the commit
        return send_when_committed(
            lambda: self.send_to(pages, data, max_workers), using=self.write_alias
        )

    async def asend_message(
        self, message: Mapping[str, Any], max_workers: int = MOST_CONNECTIONS
    ) -> BroadcastResult | Deferred:
        return await sync_to_async(self.send_message)(message, max_workers)

    def send_to(
        self, pages: Iterable[Page], data: bytes, max_workers: int
    ) -> BroadcastResult:
        """Send now, or hand over what is too much to be waited for."""
        if conf.broadcast_queue_url:
            first, rest = divided(pages, conf.broadcast_queue_threshold)
            pages = chain(first, rest)
            if sum(map(len, first)) > conf.broadcast_queue_threshold:
                return queue_broadcast(pages, data, using=self.write_alias)
        result = BroadcastResult()
        outcomes = self.outcomes_of(
            data, pages, seconds=LONGEST_BROADCAST, connections=max_workers
        )
        try:
            for recipient, delivery in outcomes:
                result.add(recipient, delivery)
        except Exception:
            if result.counts.total():
                logger.warning(
                    "A broadcast broke off: %s", in_a_line(str(result), result.reasons)
                )
            raise
        return result

    def open_pages(self) -> Iterator[Page]:
        return pages_of(self.for_write(), Q(connected=True))

    def outcomes_of(
        self,
        data: bytes,
        pages: Iterable[Page],
        *,
        seconds: float,
        connections: int = MOST_CONNECTIONS,
    ) -> Deliveries:
        """Send now, and close the sessions of those who have gone when all are told."""
        gone = array("q")  # closing one may have to wait, which nobody else should
        recipients = recipients_in(pages, self.write_alias)
        outcomes = deliver(recipients, data, seconds=seconds, connections=connections)
        try:
            with closing(outcomes):
                for recipient, delivery in outcomes:
                    if delivery.outcome is Outcome.GONE:
                        gone.append(recipient.session)
                    yield recipient, delivery
        finally:  # also where whoever asked for it has had enough
            self.all_rows.close_as_gone(gone)
