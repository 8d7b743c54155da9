"""A worker loses its connection to the database."""

import pytest
from django.db import OperationalError, connection

from django_aws_api_gateway_websockets.messaging.contract import Outcome
from tests.database_servers import end_from_elsewhere
from tests.large_broadcasts import (
    got_it,
    make_sessions,
    progress,
    send,
    sets,
)

pytestmark = pytest.mark.django_db(transaction=True)

CLAIM, RESULT, GONE = "tries", "finished_on", "closed_reason"


class Losing:
    """The connection is lost once: at a column's UPDATE, or before its answer."""

    def __init__(self, column: str, *, turn: int = 1, answered: bool = True) -> None:
        self.column, self.turn, self.answered = column, turn, answered
        self.lost = None

    def __call__(self, execute, sql, params, many, context):
        if sql.startswith("UPDATE") and sets(self.column, sql):
            self.turn -= 1
            if self.turn == 0:
                if not self.answered:
                    execute(sql, params, many, context)
                self.lose()
        if connection.connection is self.lost and connection.vendor == "sqlite":
            raise OperationalError("the server has closed the connection")
        return execute(sql, params, many, context)

    def lose(self):
        self.lost = connection.connection
        if connection.vendor == "sqlite":  # whose connections are never lost
            connection.close_at = 0
        else:
            end_from_elsewhere(connection)


@pytest.mark.parametrize("answered", [True, False])
def test_at_the_end_of_a_turn_delivers_nothing_twice(
    queues, transport, caplog, answered
):
    everybody = make_sessions(25)
    send()

    with connection.execute_wrapper(Losing(RESULT, turn=2, answered=answered)):
        assert queues.poll() == []

    assert got_it(transport, everybody) == everybody
    assert len(transport.posts) == 25
    assert progress() == (25, 0, 0, 0, 0, 0, 3, 3)
    assert "twice" not in caplog.text


def test_while_the_gone_are_closed_is_no_trouble_of_the_next_shard(queues, transport):
    everybody = make_sessions(25)
    transport.answer(everybody[0], Outcome.GONE)
    send()

    with connection.execute_wrapper(Losing(GONE)):
        assert queues.poll() == []

    assert progress() == (24, 1, 0, 0, 0, 0, 3, 3)


def test_before_a_turn_is_the_trouble_of_one_shard(queues, transport):
    everybody = make_sessions(25)
    send()

    with connection.execute_wrapper(Losing(CLAIM, turn=2)):
        assert len(queues.poll()) == 1

    assert progress().sent == 15
    queues.time_passes()
    assert queues.poll() == []
    assert got_it(transport, everybody) == everybody
    assert len(transport.posts) == 25
