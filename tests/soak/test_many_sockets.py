"""Two thousand live sockets at once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.end_to_end.many_sockets import all_are_reached_and_hung_up_on, crowded_stack

SOCKETS, LEAVING = 2_000, 100


async def test_each_of_many_sockets_hears_each_message_once_and_goodbye_at_the_end(
    tmp_path: Path, tell: Callable[[dict[str, Any]], None]
) -> None:
    with crowded_stack(tmp_path, SOCKETS) as stack:
        tell(await all_are_reached_and_hung_up_on(stack, SOCKETS, leaving=LEAVING))
