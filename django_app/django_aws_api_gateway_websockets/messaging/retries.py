"""Whether a call is made again, and how long it waits in between."""

from collections.abc import Callable

from .calls import Call
from .contract import Delivery, Outcome

MOST_TRIES = 6  # of one request
FIRST_PAUSE = 0.1  # seconds before the second try, doubled each time
LONGEST_PAUSE = 2.0  # seconds
# Until its handshake is through, the gateway calls a connection gone.
PAUSE_FOR_HANDSHAKES = 0.25  # seconds


def pause_before_next_try(
    call: Call, delivery: Delivery, jitter: Callable[[], float]
) -> float | None:
    """Seconds to wait after this delivery; None where the call is not made again."""
    if call.tries >= MOST_TRIES:
        return None
    if delivery.outcome is Outcome.GONE:
        may_come = call.recipient.may_be_connecting and not call.had_second_chance
        return PAUSE_FOR_HANDSHAKES if may_come else None
    return pause_after(call.tries, jitter()) if delivery.is_transient else None


def may_be_put_back(call: Call) -> bool:
    """Once, a call whose connection had been closed is made again at once."""
    return not call.was_put_back and call.tries < MOST_TRIES


def pause_after(tries: int, chance: float) -> float:
    """Random, so that those who were refused together do not come back together.

    `chance` is between 0 and 1.
    """
    pause: float = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (tries - 1))
    return pause * (0.5 + chance / 2)
