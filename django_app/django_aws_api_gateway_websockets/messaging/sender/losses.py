"""What becomes of a call, and of its endpoint, when a connection is lost."""

from django_aws_api_gateway_websockets.messaging.calls import Call
from django_aws_api_gateway_websockets.messaging.contract import Delivery, Outcome
from django_aws_api_gateway_websockets.messaging.retries import may_be_put_back
from django_aws_api_gateway_websockets.messaging.schedule import Schedule

from .connection import Connection
from .connections import Connections
from .opening import Opening
from .overdue import MOST_SILENT_TRIES, is_overdue, silence
from .trusted_roots import TrustedRoots
from .unanswered import Unanswered


class Losses:
    def __init__(
        self,
        callback_url: str,
        *,
        schedule: Schedule,
        connections: Connections,
        opening: Opening,
        roots: TrustedRoots,
    ) -> None:
        """Those of one endpoint in one broadcast; `schedule` hears of the calls."""
        self.callback_url = callback_url
        self.schedule = schedule
        self.connections = connections
        self.opening = opening
        self.roots = roots
        self.unanswered = Unanswered()

    def lose(self, connection: Connection, reason: str, now: float) -> None:
        """The connection is of no more use; the call on it may be tried again."""
        call, was_opening = connection.call, not connection.is_open
        # What was closed while nobody used it, as servers do, has not taken the call.
        was_closed_before = connection.has_answered and not connection.reader.has_begun
        self.connections.close(connection)
        if was_opening:
            self.opening.failed(connection.address, now)
            self.opening_failed(reason)
        elif call and was_closed_before and may_be_put_back(call):
            self.schedule.put_back(call)
        elif call:
            self.call_failed(call, reason, now)

    def opening_failed(self, reason: str) -> None:
        if self.opening.is_hopeless and not self.connections.is_any_open:
            self.give_up(reason)

    def call_failed(self, call: Call, reason: str, now: float) -> None:
        """It has no answer: try it again, unless it is one of too many."""
        self.opening.look_up_again(now)
        self.unanswered.add(connections=len(self.connections.all))
        delivery = Delivery(Outcome.FAILED, reason, is_transient=True)
        self.schedule.settle(call, delivery, now)
        if self.unanswered.are_too_many:
            self.give_up(reason)

    def lose_overdue(self, now: float) -> None:
        for connection in list(self.connections.all):
            if connection not in self.connections.all:
                return  # all have been given up
            if not is_overdue(connection, now):
                continue
            if connection.call:
                self.lose_silent(connection, connection.call, now)
            else:
                self.lose(connection, "the endpoint does not answer", now)

    def lose_silent(self, connection: Connection, call: Call, now: float) -> None:
        self.connections.close(connection)
        if call.tries >= MOST_SILENT_TRIES:
            delivery = Delivery(Outcome.FAILED, silence(), is_transient=True)
            self.schedule.settle_for_good(call, delivery)
        self.call_failed(call, silence(), now)

    def lose_untrusted(self, connection: Connection, reason: str) -> None:
        """Others may trust the endpoint; if not, it gets nothing."""
        self.connections.close(connection)
        name = self.opening.endpoint.name
        if not self.roots.allow_others(name, connection.context):
            self.give_up(
                f"the certificate is not trusted: {reason}", is_transient=False
            )

    def give_up(self, reason: str, *, is_transient: bool = True) -> None:
        """Nothing more is sent there in this broadcast; the next one starts afresh."""
        delivery = Delivery(Outcome.FAILED, reason, is_transient=is_transient)
        self.schedule.give_up(self.callback_url, delivery)
        for connection in list(self.connections.all):
            if connection.call:
                self.schedule.settle_for_good(connection.call, delivery)
            self.connections.close(connection)
