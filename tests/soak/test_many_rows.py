"""A broadcast to a hundred thousand rows of PostgreSQL, over TLS."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.many_rows import broadcast_to

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        sys.platform != "linux", reason="the stub's epoll is there for Linux only"
    ),
]

ROWS, GONE = 100_000, 3_000
MOST_MEMORY = 90  # megabytes, of which Django needs 50
WHERE_TO_FIND_IT = "make soak DATABASE_URL=postgres://user:password@host/name"


def test_each_of_many_rows_gets_the_message_once_in_little_memory(
    tmp_path: Path, tell: Callable[[dict[str, Any]], None]
) -> None:
    assert connection.vendor == "postgresql", WHERE_TO_FIND_IT

    figures = broadcast_to(ROWS, tmp_path, gone=GONE)
    tell(figures)

    assert figures["memory"] < MOST_MEMORY
