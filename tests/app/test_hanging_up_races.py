"""Several close the same sessions at once: each is told once that it is closed."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from django_aws_api_gateway_websockets import signals
from django_aws_api_gateway_websockets.models import ClosedReason
from tests.app.lobby import everybody

pytestmark = pytest.mark.django_db(transaction=True)

CLOSERS = [ClosedReason.STAFF, ClosedReason.LOGOUT] * 4
NAMES = [f"client-{number}" for number in range(6)]


def test_each_end_is_told_once_and_each_client_hears_one_goodbye(
    transport, make_session
):
    for name in NAMES:
        make_session(name)
    barrier = Barrier(len(CLOSERS))
    heard = []

    def hear(sender, connection_ids, **carried):
        heard.extend(connection_ids)

    def close(reason):
        barrier.wait()
        try:
            return everybody().disconnect(reason)
        finally:
            connections.close_all()

    signals.disconnected.connect(hear)
    try:
        with ThreadPoolExecutor(len(CLOSERS)) as threads:
            closed = list(threads.map(close, CLOSERS))
    finally:
        signals.disconnected.disconnect(hear)

    assert sum(closed) == len(NAMES)
    assert sorted(heard) == NAMES
    assert sorted(post.connection_id for post in transport.posts) == NAMES
    assert sorted(transport.hung_up) == NAMES
