"""One endpoint in one broadcast: its connections, and what is sent on them."""

from collections.abc import Sequence
from selectors import BaseSelector

from django_aws_api_gateway_websockets.messaging.contract import (
    Delivery,
    Outcome,
    Request,
)
from django_aws_api_gateway_websockets.messaging.regions import signing_region
from django_aws_api_gateway_websockets.messaging.schedule import Call, Schedule

from .connection import Connection, Dropped, State, UntrustedCertificate
from .connections import Connections
from .endpoints import endpoint_at
from .kept import Kept
from .opening import Opening
from .responses import Response
from .signed_requests import SignedRequests
from .verdicts import delivery_of, is_expired

CALLS_FOR_A_CONNECTION = 10  # to open one costs as much as to make fifty calls
LONGEST_OPENING = 2.0  # seconds, for each address
LONGEST_CALL = 5.0  # seconds
MOST_SILENT_TRIES = 2  # of one call: who waits for it cannot wait for six
MOST_UNANSWERED = 20  # calls in a row, besides those that are under way


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
        """ValueError, NoRegion: nothing can be sent to this address at all."""
        self.callback_url = callback_url
        self.schedule = schedule
        self.kept = kept
        self.endpoint = endpoint_at(callback_url)
        self.opening = Opening(self.endpoint, kept.roots)
        self.connections = Connections(
            self.endpoint,
            most=most_connections,
            pool=kept.pool,
            selector=selector,
            watched_for=self,
        )
        self.requests = SignedRequests(
            requests,
            endpoint=self.endpoint,
            region=signing_region(callback_url),
            clock=kept.clock,
        )
        self.unanswered = 0
        self.most_unanswered = MOST_UNANSWERED

    # ------------------------------------------------------------------- sending
    def make_calls(self, now: float) -> None:
        """Send on every connection that is free, and open some more for the rest."""
        ready = self.schedule.ready
        while ready.get(self.callback_url) and (connection := self.free_connection()):
            if not self.call_on(connection, now):
                self.connections.free.append(connection)
                return
        self.open_more(now)

    def free_connection(self) -> Connection | None:
        if self.connections.free:
            return self.connections.free.pop()
        connection = self.connections.take_kept()
        if connection is not None:
            self.opening.succeeded()
        return connection

    def call_on(self, connection: Connection, now: float) -> bool:
        """Make the next call on this connection; False if there is none at the moment."""
        call = self.schedule.take(self.callback_url, now)
        if call is None:
            return False
        try:
            connection.send(call, self.requests.request_for(call), now)
        except Dropped as error:
            self.lose(connection, str(error), now)
        else:
            self.connections.watch(connection)
        return True

    # ------------------------------------------------------------------- opening
    def open_more(self, now: float) -> None:
        while self.wants_more(now):
            try:
                connection = self.opening.begin(now)
            except Dropped as error:
                self.opening_failed(str(error))
                continue
            if connection is None:
                return
            self.connections.add(connection)

    def wants_more(self, now: float) -> bool:
        waiting = len(self.schedule.ready.get(self.callback_url, ()))
        if not waiting or now < self.opening.next_at:
            return False
        wanted = 1
        if self.opening.has_succeeded:
            wanted += (waiting + len(self.connections.all)) // CALLS_FOR_A_CONNECTION
        return len(self.connections.all) < min(wanted, self.connections.most)

    def opening_failed(self, reason: str) -> None:
        if self.opening.is_hopeless and not self.connections.is_any_open:
            self.give_up(reason)

    def untrusted(self, connection: Connection, reason: str) -> None:
        self.connections.close(connection)
        if not self.kept.roots.allow_others(self.endpoint.name, connection.context):
            self.give_up(f"the certificate is not trusted: {reason}", may_pass=False)

    # ------------------------------------------------------------------- answers
    def go_on(self, connection: Connection, now: float) -> None:
        """There is something to do on the connection."""
        try:
            if connection.is_open:
                if response := connection.go_on():
                    self.answered(connection, response, now)
            elif connection.open(now):
                self.opening.succeeded()
                self.rest(connection, now)
        except UntrustedCertificate as error:
            self.untrusted(connection, str(error))
        except Dropped as error:
            self.lose(connection, str(error), now)
        else:
            self.connections.watch(connection)

    def answered(self, connection: Connection, response: Response, now: float) -> None:
        call = connection.call
        if call is None:
            raise Dropped("an answer came that nobody had asked for")
        self.unanswered = 0
        delivery = delivery_of(response)
        if response.status == 403 and (
            is_expired(response) or self.kept.clock.learn(response)
        ):
            self.requests.renew()
            delivery = delivery._replace(may_pass=True)
        connection.rest(now)
        self.schedule.settle(call, delivery, now)
        if response.keeps_alive:
            self.rest(connection, now)
        else:
            self.connections.close(connection)

    def rest(self, connection: Connection, now: float) -> None:
        """The connection is free, which it need not stay."""
        if not self.call_on(connection, now):
            self.connections.free.append(connection)

    def lose(self, connection: Connection, reason: str, now: float) -> None:
        """The connection is of no more use; the call on it may be tried again."""
        call, was_opening = connection.call, not connection.is_open
        # What was closed while nobody used it, as servers do, has not taken the call.
        was_closed_before = connection.has_answered and not connection.reader.has_begun
        self.connections.close(connection)
        if was_opening:
            self.opening.failed(connection.address, now)
            self.opening_failed(reason)
        elif call and was_closed_before:
            self.schedule.put_back(call)
        elif call:
            self.opening.look_up_again()
            self.unanswered_call(call, reason, now)

    def unanswered_call(self, call: Call, reason: str, now: float) -> None:
        if not self.unanswered:
            # One blow, such as a server's restart, may end all that are under way.
            self.most_unanswered = MOST_UNANSWERED + len(self.connections.all)
        self.unanswered += 1
        delivery = Delivery(Outcome.FAILED, reason, may_pass=True)
        self.schedule.settle(call, delivery, now)
        if self.unanswered >= self.most_unanswered:
            self.give_up(reason)

    def close_overdue(self, now: float) -> None:
        for connection in list(self.connections.all):
            if connection not in self.connections.all:
                return  # all have been given up
            took = now - connection.since
            if connection.state is State.BUSY and took > LONGEST_CALL:
                self.overdue(connection, now)
            elif not connection.is_open and took > LONGEST_OPENING:
                self.lose(connection, "the endpoint does not answer", now)

    def overdue(self, connection: Connection, now: float) -> None:
        call = connection.call
        self.connections.close(connection)
        self.opening.look_up_again()
        if call is None:
            return
        reason = f"no answer in {LONGEST_CALL:g} seconds"
        if call.tries >= MOST_SILENT_TRIES:
            delivery = Delivery(Outcome.FAILED, reason, may_pass=True)
            self.schedule.settle_for_good(call, delivery)
        self.unanswered_call(call, reason, now)

    def give_up(self, reason: str, *, may_pass: bool = True) -> None:
        """Nothing more is sent there in this broadcast; the next one starts afresh."""
        delivery = Delivery(Outcome.FAILED, reason, may_pass=may_pass)
        self.schedule.give_up(self.callback_url, delivery)
        for connection in list(self.connections.all):
            if connection.call:
                self.schedule.settle_for_good(connection.call, delivery)
            self.connections.close(connection)

    def leave(self) -> None:
        self.connections.leave()
