"""One endpoint in one broadcast: what is sent to it, and what it answers."""

import time
from collections.abc import Sequence
from selectors import BaseSelector

from django_aws_api_gateway_websockets.messaging.contract import Request
from django_aws_api_gateway_websockets.messaging.regions import signing_region
from django_aws_api_gateway_websockets.messaging.schedule import Schedule

from .connection import Connection
from .connections import Connections
from .dropped import Dropped, UntrustedCertificate
from .endpoints import endpoint_at
from .kept import Kept
from .losses import Losses
from .opening import Opening
from .responses import Response
from .signed_requests import SignedRequests
from .verdicts import delivery_of, is_expired


class Lane:
    def __init__(
        self,
        callback_url: str,
        requests: Sequence[Request],
        *,
        schedule: Schedule,
        selector: BaseSelector,
        kept: Kept,
        most_connections: int,
    ) -> None:
        """The way to an address; ValueError or NoRegion where there is none."""
        self.callback_url = callback_url
        self.schedule = schedule
        self.clock = kept.clock
        endpoint = endpoint_at(callback_url)
        self.opening = Opening(endpoint, kept.roots)
        self.connections = Connections(
            endpoint,
            most=most_connections,
            pool=kept.pool,
            selector=selector,
            watched_for=self,
        )
        self.losses = Losses(
            callback_url,
            schedule=schedule,
            connections=self.connections,
            opening=self.opening,
            roots=kept.roots,
        )
        self.unanswered = self.losses.unanswered
        region = signing_region(callback_url)
        self.requests = SignedRequests(
            requests, endpoint=endpoint, region=region, clock=kept.clock
        )

    @property
    def waiting(self) -> int:
        """Calls that could be made now."""
        return len(self.schedule.ready.get(self.callback_url, ()))

    def make_calls(self) -> None:
        """Send on every connection that is free, and open some more for the rest."""
        while self.waiting and (connection := self.free_connection()):
            if not self.call_on(connection):
                self.connections.free.append(connection)
                return
        self.open_more(time.monotonic())

    def free_connection(self) -> Connection | None:
        if self.connections.free:
            return self.connections.free.pop()
        connection = self.connections.take_kept()
        if connection is not None:
            self.opening.succeeded()
        return connection

    def call_on(self, connection: Connection) -> bool:
        """Make the next call on this connection; False if it stays free."""
        if not self.waiting:
            return False
        if connection.is_stale():  # what waits there would be taken for the answer
            self.connections.close(connection)
            return True
        # First of all: it may fail, or take a while.
        self.requests.keep_up()
        now = time.monotonic()
        call = self.schedule.take(self.callback_url, now)
        if call is None:
            return False
        try:
            connection.send(call, self.requests.request_for(call), now)
        except Dropped as error:
            self.losses.lose(connection, str(error), now)
        else:
            self.connections.watch(connection)
        return True

    def open_more(self, now: float) -> None:
        while self.wants_more(now):
            try:
                connection = self.opening.begin(
                    now, may_wait=not self.connections.is_anything_watched
                )
            except Dropped as error:
                self.losses.opening_failed(str(error))
                continue
            if connection is None:
                return
            self.connections.add(connection)

    def wants_more(self, now: float) -> bool:
        connections = self.connections
        return connections.has_room and self.opening.is_worth_it(
            now, waiting=self.waiting, connections=len(connections.all)
        )

    def go_on(self, connection: Connection, now: float) -> None:
        """There is something to do on the connection."""
        try:
            if connection.is_open:
                if response := connection.go_on():
                    self.answered(connection, response, now)
            elif connection.open(now):
                self.opening.succeeded()
                self.rest(connection)
        except UntrustedCertificate as error:
            self.losses.lose_untrusted(connection, str(error))
        except Dropped as error:
            self.losses.lose(connection, str(error), now)
        else:
            self.connections.watch(connection)

    def answered(self, connection: Connection, response: Response, now: float) -> None:
        call = connection.call
        if call is None:
            raise Dropped("an answer came that nobody had asked for")
        self.unanswered.calls = 0
        delivery = delivery_of(response)
        if response.status == 403 and (
            is_expired(response) or self.clock.learn(response)
        ):
            self.requests.are_outdated = True
            delivery = delivery._replace(is_transient=True)
        connection.rest(now)
        self.schedule.settle(call, delivery, now)
        if response.keeps_alive:
            self.rest(connection)
        else:
            self.connections.close(connection)

    def rest(self, connection: Connection) -> None:
        """The connection is free, which it need not stay."""
        if not self.call_on(connection):
            self.connections.free.append(connection)

    def close_overdue(self, now: float) -> None:
        self.losses.lose_overdue(now)

    def leave(self) -> None:
        self.connections.leave()
