"""What the queue of large broadcasts carries: where a shard stands, and nothing more."""

import json
from collections.abc import Iterable
from typing import NamedTuple


class Pointer(NamedTuple):
    """Which recipients, of which message: a row in a database of the site."""

    shard: int
    database: str

    def __str__(self) -> str:
        return json.dumps(self._asdict())


def pointer_in(body: str, *, databases: Iterable[str]) -> Pointer:
    """What a message of the queue points at; ValueError where that is nothing."""
    try:
        found = json.loads(body)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    match found:
        case {"shard": int(shard), "database": str(database)} if not isinstance(
            shard, bool
        ):
            if database not in databases:
                raise ValueError(f"there is no database {database!r}")
            return Pointer(shard, database)
    raise ValueError('it is not like {"shard": 1, "database": "default"}')
