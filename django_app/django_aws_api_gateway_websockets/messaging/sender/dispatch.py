"""One broadcast: it waits for whichever connection has something to do."""

import time
from collections.abc import Sequence
from selectors import BaseSelector, DefaultSelector, PollSelector

from django_aws_api_gateway_websockets.exceptions import NoRegion
from django_aws_api_gateway_websockets.messaging.contract import (
    Delivery,
    Outcome,
    Request,
)
from django_aws_api_gateway_websockets.messaging.schedule import Schedule

from .kept import Kept
from .lane import Lane

A_FEW = 10  # recipients
LONGEST_WAIT = 0.05  # seconds between two looks at who takes too long


class Dispatch:
    def __init__(
        self,
        schedule: Schedule,
        requests: Sequence[Request],
        *,
        kept: Kept,
        most_connections: int,
    ) -> None:
        schedule.advance(time.monotonic())
        self.selector = selector_for(schedule.known)
        self.schedule = schedule
        self.requests = requests
        self.kept = kept
        self.most_connections = most_connections
        self.lanes: dict[str, Lane] = {}
        self.looked_at = 0.0

    def now(self) -> float:
        return time.monotonic()

    def make_calls(self) -> None:
        for callback_url, calls in list(self.schedule.ready.items()):
            if calls and (lane := self.lane_to(callback_url)):
                lane.make_calls()

    def lane_to(self, callback_url: str) -> Lane | None:
        """None where there is no way, of which the recipients are told."""
        if callback_url in self.lanes:
            return self.lanes[callback_url]
        try:
            lane = Lane(
                callback_url,
                self.requests,
                schedule=self.schedule,
                selector=self.selector,
                kept=self.kept,
                most_connections=self.most_connections,
            )
        except (ValueError, NoRegion) as error:
            # A region can be set; an address that is none stays what it is.
            is_transient = isinstance(error, NoRegion)
            delivery = Delivery(Outcome.FAILED, str(error), is_transient=is_transient)
            self.schedule.give_up(callback_url, delivery)
            return None
        self.lanes[callback_url] = lane
        return lane

    def wait(self) -> None:
        pause = min(self.schedule.wake_at - time.monotonic(), LONGEST_WAIT)
        events = self.selector.select(max(0, pause))
        now = time.monotonic()
        for key, _ in events:
            connection, lane = key.fileobj, key.data
            # By what came of another one, it may have been closed meanwhile.
            if connection in lane.connections.all:
                lane.go_on(connection, now)
        if now - self.looked_at >= LONGEST_WAIT:
            self.looked_at = now
            for lane in self.lanes.values():
                lane.close_overdue(now)

    def leave(self) -> None:
        self.selector.close()
        for lane in self.lanes.values():
            lane.leave()


def selector_for(recipients: int) -> BaseSelector:
    """To make the one for many takes as long as to send half a message."""
    return PollSelector() if recipients <= A_FEW else DefaultSelector()
