"""The transport for tests, of which tests have to know that it is as good as any."""

import time

import pytest

from django_aws_api_gateway_websockets.messaging.contract import (
    HANG_UP,
    Outcome,
    Recipient,
    Request,
    too_late,
)
from django_aws_api_gateway_websockets.messaging.memory_transport import (
    MemoryTransport,
)

ADDRESS = "https://socket.example/production"
HELLO = Request("POST", b'{"type":"hello"}')
SENT, GONE, THROTTLED = Outcome.SENT, Outcome.GONE, Outcome.THROTTLED


@pytest.fixture
def memory():
    return MemoryTransport()


def perform(memory, *connection_ids, requests=(HELLO,), seconds=10.0, **fields):
    recipients = [
        Recipient(number, connection_id, ADDRESS, **fields)
        for number, connection_id in enumerate(connection_ids)
    ]
    told = list(memory.perform(recipients, requests, seconds=seconds))
    assert sorted(recipient for recipient, _ in told) == sorted(recipients)
    return {recipient.connection_id: delivery for recipient, delivery in told}


def test_it_remembers_what_was_posted_and_to_whom(memory):
    perform(memory, "alice=", "bob=")

    assert [post.connection_id for post in memory.posts] == ["alice=", "bob="]
    assert memory.posts[0].callback_url == ADDRESS
    assert memory.messages_to("bob=") == [{"type": "hello"}]


def test_calls_end_as_they_are_told_to_and_the_last_answer_stays(memory):
    memory.answer("alice=", THROTTLED, SENT, GONE)

    outcomes = [perform(memory, "alice=")["alice="].outcome for _ in range(3)]

    assert outcomes == [SENT, GONE, GONE]
    assert [post.outcome for post in memory.posts] == [THROTTLED, SENT, GONE, GONE]
    assert memory.messages_to("alice=") == [{"type": "hello"}]


def test_pauses_take_no_time(memory):
    memory.answer("alice=", THROTTLED)
    memory.answer("bob=", GONE, SENT)
    begin = time.monotonic()

    told = perform(memory, "alice=", "bob=", may_be_connecting=True)

    assert time.monotonic() - begin < 1
    assert told["alice="].outcome is THROTTLED
    assert told["bob="].outcome is SENT
    assert len(memory.posts) == 6 + 2


def test_a_pause_that_ends_after_the_deadline_is_one_too_long(memory):
    memory.answer("alice=", THROTTLED)

    assert perform(memory, "alice=", seconds=0.5) == {"alice=": too_late("told to")}
    assert 2 <= len(memory.posts) <= 5


def test_whoever_was_hung_up_on_is_gone(memory):
    perform(memory, "alice=", requests=(HELLO, HANG_UP))

    assert memory.hung_up == ["alice="]
    assert perform(memory, "alice=")["alice="].outcome is GONE


def test_a_client_that_could_not_be_hung_up_on_is_still_there(memory):
    memory.answer("alice=", THROTTLED)

    assert perform(memory, "alice=", requests=(HANG_UP,))["alice="].outcome is THROTTLED
    assert memory.hung_up == []


def test_a_source_that_breaks_is_an_error_once_all_it_has_named_are_told(memory):
    def source():
        yield Recipient(0, "alice=", ADDRESS)
        yield Recipient(1, "bob=", ADDRESS)
        raise ConnectionError("the database has gone away")

    told = memory.perform(source(), [HELLO], seconds=10.0)

    assert [next(told)[1].outcome for _ in range(2)] == [SENT, SENT]
    with pytest.raises(ConnectionError, match="gone away"):
        next(told)


def test_many_without_an_address_keep_nobody_from_theirs(memory):
    lost = [Recipient(each, f"{each}=", "", fault="none") for each in range(25_000)]
    told = memory.perform(
        [*lost, Recipient(0, "alice=", ADDRESS)], [HELLO], seconds=10.0
    )

    outcomes = [delivery.outcome for _, delivery in told]

    assert outcomes == [Outcome.FAILED] * 25_000 + [SENT]
