"""Messages of functions that the gateway calls itself, and to hundreds of live sockets."""

from collections.abc import Iterator

import pytest

from tests.end_to_end.many_sockets import all_are_reached_and_hung_up_on, room_for
from tests.end_to_end.observed import Observed, observed_stack

SOCKETS, LEAVING = 300, 30  # `make soak` has two thousand


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    folder = tmp_path_factory.mktemp("lambda")
    with room_for(SOCKETS), observed_stack(folder, "lambda") as observed:
        yield observed


async def test_a_function_sends_without_boto3_and_keeps_its_connections(
    observed: Observed,
) -> None:
    await observed.sends_without_boto3_and_keeps_its_connections()


async def test_each_socket_hears_each_message_once_and_goodbye_at_the_end(
    observed: Observed,
) -> None:
    await all_are_reached_and_hung_up_on(observed.stack, SOCKETS, leaving=LEAVING)
