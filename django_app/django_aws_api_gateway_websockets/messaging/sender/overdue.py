"""How long anybody waits for an endpoint."""

from .connection import Connection, State

LONGEST_OPENING = 2.0  # seconds, for each address
LONGEST_CALL = 5.0  # seconds
MOST_SILENT_TRIES = 2  # of one call: who waits for it cannot wait for six


def is_overdue(connection: Connection, now: float) -> bool:
    """Has it been opened, or waited for an answer, for too long?"""
    took = now - connection.since
    if connection.is_open:
        return connection.state is State.BUSY and took > LONGEST_CALL
    return took > LONGEST_OPENING


def silence() -> str:
    """What is said of a call without an answer."""
    return f"no answer in {LONGEST_CALL:g} seconds"
