"""What is being done for one recipient, while it is not over."""

from .contract import Delivery, Outcome, Recipient


class Call:
    """One recipient on its way through the steps, and the tries of the one it is at."""

    __slots__ = (
        "had_second_chance",
        "is_over",
        "reason",
        "recipient",
        "step",
        "tries",
        "was_put_back",
    )

    def __init__(self, recipient: Recipient) -> None:
        self.recipient = recipient
        self.step = 0
        self.tries = 0
        self.reason = ""  # of its last try
        self.had_second_chance = False
        self.is_over = False
        self.was_put_back = False

    def begin_next_step(self, last: Delivery) -> None:
        """However the last one has ended."""
        self.step += 1
        self.tries = 0
        self.reason = last.reason

    def when_gone(self, delivery: Delivery) -> Delivery:
        """What to report where the gateway does not know the connection."""
        if not self.recipient.may_be_connecting:
            return delivery
        return delivery._replace(outcome=Outcome.CONNECTING)
