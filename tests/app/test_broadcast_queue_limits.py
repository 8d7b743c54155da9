"""What is written at once stays within what a database takes in one transaction."""

from itertools import islice

import pytest

from django_aws_api_gateway_websockets.models import Broadcast
from django_aws_api_gateway_websockets.models.broadcasts import (
    SESSIONS_IN_A_SHARD,
    SHARDS_AT_ONCE,
    shards_of,
)
from django_aws_api_gateway_websockets.models.pages import Row

LARGEST_KEY = 2**63 - 1
# "Cluster quotas and database limits", Amazon Aurora DSQL: of one transaction.
MOST_ROWS, MOST_BYTES = 3_000, 10 * 2**20


@pytest.fixture
def written_at_once():
    """As many shards, of the largest keys that there are."""
    keys = range(LARGEST_KEY, LARGEST_KEY - SHARDS_AT_ONCE * SESSIONS_IN_A_SHARD, -1)
    pages = [[Row(key, "client=", None, 0) for key in keys]]
    return list(islice(shards_of(Broadcast(pk=1), pages), SHARDS_AT_ONCE + 1))


def test_shards_are_no_more_and_no_larger_than_aurora_dsql_takes(written_at_once):
    assert len(written_at_once) == SHARDS_AT_ONCE < MOST_ROWS
    # Half of it: an UPDATE or DELETE counts what it replaces, too.
    assert sum(len(shard.sessions) for shard in written_at_once) < MOST_BYTES / 2
