"""How often a call is made, and how long it waits in between."""

MOST_TRIES = 6  # of one request
FIRST_PAUSE = 0.1  # seconds before the second try, doubled each time
LONGEST_PAUSE = 2.0  # seconds
LONGEST_ANSWER = 5.0  # seconds that are left for answers at the end, or a fifth
# Until its handshake is through, the gateway calls a connection gone.
PAUSE_FOR_HANDSHAKES = 0.25  # seconds


def last_call_before(deadline: float, *, seconds: float) -> float:
    """When to make no more calls, so that all of them are answered by the deadline."""
    return deadline - min(LONGEST_ANSWER, seconds / 5)


def pause_before_try(
    number: int, chance: float, *, first: float, longest: float
) -> float:
    """Random, so that those who were refused together do not come back together.

    `chance` is between 0 and 1.
    """
    pause: float = min(longest, first * 2 ** (number - 2))
    return pause * (0.5 + chance / 2)
