"""Which calls fail, and how."""

from collections.abc import Collection
from http import HTTPStatus
from zlib import crc32

DROPPED = 0  # in place of a status: the connection ends without an answer


class Faults:
    """The ids that are gone, and what becomes of so many of a hundred ids' first calls.

    The id decides, so that every run has the same faults; an id's second call is taken.
    """

    def __init__(
        self,
        *,
        throttled: int = 0,
        failing: int = 0,
        dropped: int = 0,
        gone: Collection[str] = (),
    ) -> None:
        self.gone = frozenset(each.encode() for each in gone)
        self.of_first_calls = (
            *[int(HTTPStatus.TOO_MANY_REQUESTS)] * throttled,
            *[int(HTTPStatus.INTERNAL_SERVER_ERROR)] * failing,
            *[DROPPED] * dropped,
        )

    def status_of(self, connection_id: bytes, *, is_first_call: bool) -> int:
        if connection_id in self.gone:
            return int(HTTPStatus.GONE)
        if is_first_call and self.of_first_calls:
            number = crc32(connection_id) % 100
            if number < len(self.of_first_calls):
                return self.of_first_calls[number]
        return 200
