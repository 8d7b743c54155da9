"""What time it is at the gateway, which refuses signatures of another time."""

from datetime import UTC, datetime, timedelta

from .responses import Response
from .verdicts import gateway_time

# A signature is good for five minutes; what differs by less is no reason to refuse one.
NOTABLE = timedelta(minutes=2)


class Clock:
    def __init__(self) -> None:
        self.behind = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.behind

    def learn(self, response: Response) -> bool:
        """Set the clock where it is why the gateway refused; False where it is not."""
        theirs = gateway_time(response)
        if theirs is None:
            return False
        behind = theirs - datetime.now(UTC)
        if abs(behind - self.behind) > NOTABLE:
            self.behind = behind
            return True
        # Requests that were under way when it was set are refused all the same.
        return bool(self.behind)
