"""A broadcast to thousands of rows over TLS; `make soak` has a hundred thousand."""

import sys

import pytest

from tests.many_rows import broadcast_to

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        sys.platform != "linux", reason="the stub's epoll is there for Linux only"
    ),
]


def test_each_row_gets_the_message_once_and_the_gone_are_closed(tmp_path):
    broadcast_to(5_000, tmp_path, gone=1_250)  # who are more than one batch
