"""What came of a message to many."""

from collections import Counter, defaultdict
from copy import deepcopy
from typing import Any, NamedTuple, NoReturn

from .contract import Delivery, Outcome, Recipient

# So that a broadcast to a million needs no more memory than one to some thousands.
MOST_LISTED = 10_000  # recipients of each outcome
MOST_REASONS = 300  # different ones; whatever a server answers, there are no more
OTHER_REASONS = "other reasons"


class Failure(NamedTuple):
    connection_id: str
    reason: str


class SharedDict(dict[str, Any]):
    """A dictionary for many to read. A deep copy is one of your own, to change."""

    def refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("This is shared by many: change a copy, as of copy.deepcopy().")

    __setitem__ = __delitem__ = __ior__ = refuse
    clear = pop = popitem = setdefault = update = refuse

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, (dict(self),)


# One for all: with one of its own for each, a large result would be mostly of these.
SENT_RESPONSE = SharedDict(
    ResponseMetadata=SharedDict(HTTPStatusCode=200, RetryAttempts=0)
)


class BroadcastResult(list[dict[str, Any]]):
    """A response for each message that was sent, and the count of all the rest.

    Counts are exact. What it lists by name ends at 10,000 of each outcome. Equal
    responses are one dictionary that nobody can change; in a copy, each is its own.
    """

    def __init__(self, *, queued: int = 0, broadcast: int | None = None) -> None:
        """`queued` recipients get the message from a queue, as `broadcast` tells."""
        super().__init__()
        self.not_sent: Counter[Outcome] = Counter()
        self.reasons: Counter[str] = Counter()
        self.listed: dict[Outcome, list[Failure]] = defaultdict(list)
        self.sent_to: list[str] = []
        self.queued = queued
        self.broadcast = broadcast

    def __reduce__(self) -> tuple[Any, ...]:
        """How it is copied, and pickled."""
        return type(self), (), vars(self), map(deepcopy, self)

    def add(self, recipient: Recipient, delivery: Delivery) -> None:
        outcome = delivery.outcome
        if outcome is Outcome.SENT:  # as with nearly all, so it has to be quick
            self.append(SENT_RESPONSE)
            if len(self.sent_to) < MOST_LISTED:
                self.sent_to.append(recipient.connection_id)
            return
        self.not_sent[outcome] += 1
        if outcome in {Outcome.THROTTLED, Outcome.FAILED}:
            self.count_reason(delivery.reason)
        listed = self.listed[outcome]
        if len(listed) < MOST_LISTED:
            listed.append(Failure(recipient.connection_id, delivery.reason))

    def count_reason(self, reason: str) -> None:
        is_one_too_many = len(self.reasons) >= MOST_REASONS
        if is_one_too_many and reason not in self.reasons:
            reason = OTHER_REASONS
        self.reasons[reason] += 1

    @property
    def sent(self) -> int:
        return len(self)

    @property
    def counts(self) -> Counter[Outcome]:
        """Of every outcome, also of those that nobody had."""
        counts = Counter({each: self.not_sent[each] for each in Outcome})
        counts[Outcome.SENT] = self.sent
        return counts

    @property
    def gone(self) -> int:
        return self.not_sent[Outcome.GONE]

    @property
    def connecting(self) -> int:
        return self.not_sent[Outcome.CONNECTING]

    @property
    def throttled(self) -> int:
        return self.not_sent[Outcome.THROTTLED]

    @property
    def failed(self) -> int:
        return self.not_sent[Outcome.FAILED]

    @property
    def failures(self) -> list[Failure]:
        """Who did not get it though it may be there, and why."""
        return [*self.listed[Outcome.THROTTLED], *self.listed[Outcome.FAILED]]

    def connection_ids(self, outcome: Outcome) -> list[str]:
        if outcome is Outcome.SENT:
            return list(self.sent_to)
        return [each.connection_id for each in self.listed[outcome]]

    def __str__(self) -> str:
        counts = ", ".join(f"{n} {each.value}" for each, n in self.counts.items())
        return f"{counts}, {self.queued} queued" if self.queued else counts
