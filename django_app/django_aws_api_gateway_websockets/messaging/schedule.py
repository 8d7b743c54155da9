"""Whose turn it is, when to try again, and what became of each recipient.

This knows neither a network nor a clock: who drives it says what time it is.
"""

import random
from collections import deque
from collections.abc import Callable, Iterable
from heapq import heappop, heappush

from .contract import Delivery, Outcome, Recipient
from .pace import Pace

LOOK_AHEAD = 10_000  # recipients that are known at once, so that memory is bounded
MOST_TRIES = 6  # of one request
FIRST_PAUSE = 0.1  # seconds before the second try, doubled each time
LONGEST_PAUSE = 2.0  # seconds
# Until its handshake is through, the gateway calls a connection gone.
PAUSE_FOR_HANDSHAKES = 0.25  # seconds

TOO_LATE = Delivery(Outcome.FAILED, "there was no time left", may_pass=True)


class Call:
    """What is being done for one recipient."""

    __slots__ = ("had_second_chance", "is_over", "recipient", "step", "tries")

    def __init__(self, recipient: Recipient) -> None:
        self.recipient = recipient
        self.step = 0
        self.tries = 0
        self.had_second_chance = False
        self.is_over = False


class Schedule:
    """Each recipient gets `steps` requests, one after the other.

    A driver calls `advance`, takes calls, makes them and settles them, until
    `is_over`. What came of each recipient is in `told`, from where it is taken away.
    """

    def __init__(
        self,
        recipients: Iterable[Recipient],
        *,
        steps: int,
        deadline: float,
        pace: Pace,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.source = iter(recipients)
        self.source_is_empty = False
        self.source_error: Exception | None = None
        self.steps = steps
        self.deadline = deadline
        self.pace = pace
        self.jitter = jitter
        self.ready: dict[str, deque[Call]] = {}  # by callback URL
        self.waiting: list[tuple[float, int, Call]] = []
        self.waited = 0  # keeps the order of those that wait for the same moment
        self.under_way: set[Call] = set()
        self.given_up: dict[str, Delivery] = {}
        self.known = 0
        self.has_ended = False
        self.is_slowed_down = False
        self.told: deque[tuple[Recipient, Delivery]] = deque()

    @property
    def is_over(self) -> bool:
        """Nobody is left. If the source of recipients broke, its error is raised now."""
        if self.known or not self.source_is_empty:
            return False
        if self.source_error is not None:
            raise self.source_error
        return True

    @property
    def has_room(self) -> bool:
        # Not for each that is over: the next page of rows keeps everybody waiting.
        return not self.source_is_empty and self.known <= LOOK_AHEAD // 2

    @property
    def wake_at(self) -> float:
        """Until then nothing happens by itself."""
        if self.has_room:
            return 0.0
        at = min(self.deadline, self.waiting[0][0]) if self.waiting else self.deadline
        return min(at, self.pace.next_at) if self.is_slowed_down else at

    def advance(self, now: float) -> None:
        """Let those be ready whose time has come, and ask for more recipients."""
        self.is_slowed_down = False
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
        elif self.has_ended:
            self.tell(call, TOO_LATE)
        else:
            self.make_ready(call)

    def make_ready(self, call: Call, *, is_next: bool = False) -> None:
        callback_url = call.recipient.callback_url
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
        if not ready or now >= self.deadline:
            return None
        if self.pace.is_limited and not self.pace.take(now):
            self.is_slowed_down = True
            return None
        call = ready.popleft()
        call.tries += 1
        self.under_way.add(call)
        return call

    def put_back(self, call: Call) -> None:
        """Nothing has come of the call, which is no fault of the recipient."""
        if call.is_over:
            return
        self.under_way.discard(call)
        call.tries -= 1
        self.make_ready(call)

    def settle(self, call: Call, delivery: Delivery, now: float) -> None:
        """Say what came of a call: it is told, tried again, or its next step is."""
        if call.is_over:
            return
        self.under_way.discard(call)
        if delivery.outcome is Outcome.SENT and call.step + 1 == self.steps:
            self.tell(call, delivery)
        elif delivery.outcome is Outcome.GONE:
            self.settle_gone(call, delivery, now)
        elif delivery.may_pass and call.tries < MOST_TRIES:
            self.wait(call, now + self.pause_before_try(call.tries + 1))
        elif call.step + 1 < self.steps:
            call.step += 1
            call.tries = 0
            self.make_ready(call, is_next=True)
        else:
            self.tell(call, delivery)

    def settle_gone(self, call: Call, delivery: Delivery, now: float) -> None:
        if not call.recipient.may_be_connecting:
            self.tell(call, delivery)
        elif call.had_second_chance or call.tries >= MOST_TRIES:
            self.tell(call, delivery._replace(outcome=Outcome.CONNECTING))
        else:
            call.had_second_chance = True
            self.wait(call, now + PAUSE_FOR_HANDSHAKES)

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

    def end(self) -> None:
        """There is no time left: whoever has not been told of has failed."""
        self.has_ended = True
        for ready in self.ready.values():
            self.tell_all(ready)
        self.tell_all([call for _, _, call in self.waiting])
        self.tell_all(self.under_way)
        self.ready.clear()
        self.waiting.clear()
        self.under_way.clear()

    def tell_all(self, calls: Iterable[Call]) -> None:
        for call in calls:
            self.tell(call, TOO_LATE)

    def tell(self, call: Call, delivery: Delivery) -> None:
        call.is_over = True
        self.known -= 1
        self.told.append((call.recipient, delivery))

    def wait(self, call: Call, until: float) -> None:
        self.waited += 1
        heappush(self.waiting, (until, self.waited, call))

    def pause_before_try(self, number: int) -> float:
        """Random, so that those who were refused together do not come back together."""
        pause: float = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (number - 2))
        return pause * (0.5 + self.jitter() / 2)
