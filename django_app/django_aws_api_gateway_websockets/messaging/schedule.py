"""Whose turn it is, when to try again, and what became of each recipient.

This knows neither a network nor a clock: who drives it says what time it is.
"""

import random
from collections import deque
from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from itertools import count

from .calls import Call
from .contract import Delivery, Outcome, Recipient, too_late
from .pace import Pace
from .retries import pause_before_next_try

LOOK_AHEAD = 10_000  # recipients that are known at once, so that memory is bounded


class Schedule:
    """Each recipient gets `steps` requests, one after the other.

    A driver calls `advance`, takes calls, makes them and settles them, until
    `is_over`. What came of each recipient is in `told`, from where it is taken away.
    If the source of recipients broke, `source_error` says how.
    """

    def __init__(
        self,
        recipients: Iterable[Recipient],
        *,
        steps: int,
        deadline: float,
        last_call_at: float,
        pace: Pace,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.source = iter(recipients)
        self.source_is_empty = False
        self.source_error: Exception | None = None
        self.steps = steps
        self.deadline = deadline
        # Calls that are under way then may still be answered: what is cut off in the
        # middle may have been sent all the same.
        self.last_call_at = last_call_at
        self.pace = pace
        self.jitter = jitter
        self.ready: dict[str, deque[Call]] = {}  # by callback URL
        self.waiting: list[tuple[float, int, Call]] = []
        self.order = count()  # of those that wait for the same moment
        self.under_way: set[Call] = set()
        self.given_up: dict[str, Delivery] = {}
        self.known = 0
        self.has_stopped = False
        self.is_slowed_down = False
        self.told: deque[tuple[Recipient, Delivery]] = deque()

    @property
    def is_over(self) -> bool:
        """Nobody is left."""
        return self.source_is_empty and not self.known

    @property
    def has_room(self) -> bool:
        # Not for each that is over: the next page of rows keeps everybody waiting.
        return not self.source_is_empty and self.known <= LOOK_AHEAD // 2

    @property
    def wake_at(self) -> float:
        """Until then nothing happens by itself."""
        if self.has_room or self.told:
            return 0.0
        at = self.deadline if self.has_stopped else self.last_call_at
        if self.waiting:
            at = min(at, self.waiting[0][0])
        return min(at, self.pace.next_at) if self.is_slowed_down else at

    def advance(self, now: float) -> None:
        """Let those be ready whose time has come, and ask for more recipients."""
        self.is_slowed_down = False
        if now >= self.last_call_at:
            self.stop()
        if now >= self.deadline:
            self.end()
        while self.waiting and self.waiting[0][0] <= now:
            self.make_ready(heappop(self.waiting)[2])
        if self.has_room:
            self.ask_for_more()

    def ask_for_more(self) -> None:
        try:
            for recipient in self.source:
                self.begin(recipient)
                if self.known >= LOOK_AHEAD or len(self.told) >= LOOK_AHEAD:
                    return
        except Exception as error:  # those who are known get theirs first
            self.source_error = error
        self.source_is_empty = True

    def begin(self, recipient: Recipient) -> None:
        self.known += 1
        call = Call(recipient)
        if recipient.fault:
            self.tell(call, Delivery(Outcome.FAILED, recipient.fault))
        else:
            self.make_ready(call)

    def make_ready(self, call: Call, *, is_next: bool = False) -> None:
        callback_url = call.recipient.callback_url
        if self.has_stopped:
            self.tell(call, too_late(call.reason))
            return
        if callback_url in self.given_up:
            self.tell(call, self.given_up[callback_url])
            return
        ready = self.ready.setdefault(callback_url, deque())
        if is_next:
            ready.appendleft(call)
        else:
            ready.append(call)

    def take(self, callback_url: str, now: float) -> Call | None:
        """The next call to this endpoint, if there is one and time for it."""
        ready = self.ready.get(callback_url)
        if not ready or now >= self.last_call_at:
            return None
        if self.pace.is_limited and not self.pace.take(now):
            self.is_slowed_down = True
            return None
        call = ready.popleft()
        call.tries += 1
        self.under_way.add(call)
        return call

    def put_back(self, call: Call) -> None:
        """Nothing has come of this try: the next one need not wait."""
        if call.is_over:
            return
        self.under_way.discard(call)
        call.was_put_back = True
        self.make_ready(call)

    def drop(self, call: Call) -> None:
        """It was not made, and nobody is told of it."""
        self.under_way.discard(call)
        self.known -= 1

    def settle(self, call: Call, delivery: Delivery, now: float) -> None:
        """Say what came of a call: it is told, tried again, or its next step is."""
        if call.is_over:
            return
        self.under_way.discard(call)
        is_last_step = call.step + 1 == self.steps
        if delivery.outcome is Outcome.SENT and is_last_step:
            self.tell(call, delivery)
            return
        pause = pause_before_next_try(call, delivery, self.jitter)
        if pause is not None and not self.has_stopped:
            call.reason = delivery.reason
            call.had_second_chance |= delivery.outcome is Outcome.GONE
            heappush(self.waiting, (now + pause, next(self.order), call))
        elif delivery.outcome is Outcome.GONE:
            self.tell(call, call.when_gone(delivery))
        elif is_last_step:
            self.tell(call, delivery)
        else:
            call.begin_next_step(delivery)
            self.make_ready(call, is_next=True)

    def settle_for_good(self, call: Call, delivery: Delivery) -> None:
        """Whatever else might be tried, this is what came of the recipient."""
        if not call.is_over:
            self.under_way.discard(call)
            self.tell(call, delivery)

    def give_up(self, callback_url: str, delivery: Delivery) -> None:
        """Nothing can be sent there, not to those that are still to come either."""
        self.given_up[callback_url] = delivery
        for call in self.ready.pop(callback_url, ()):
            self.tell(call, delivery)

    def stop(self) -> None:
        """There is no time for another call."""
        self.has_stopped = True
        for ready in self.ready.values():
            self.tell_all(ready)
        self.tell_all([call for _, _, call in self.waiting])
        self.ready.clear()
        self.waiting.clear()

    def break_off(self, *, by: float) -> None:
        """Nobody is told of any more, but those whose calls are under way."""
        self.has_stopped = self.source_is_empty = True
        self.ready.clear()
        self.waiting.clear()
        self.known = len(self.under_way)
        self.deadline = min(self.deadline, by)

    def end(self) -> None:
        """There is no time left: whoever has not been told of has failed."""
        self.tell_all(self.under_way)
        self.under_way.clear()

    def tell_all(self, calls: Iterable[Call]) -> None:
        for call in calls:
            self.tell(call, too_late(call.reason))

    def tell(self, call: Call, delivery: Delivery) -> None:
        call.is_over = True
        self.known -= 1
        self.told.append((call.recipient, delivery))
