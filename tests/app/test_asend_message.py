"""Messages of coroutines."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.core.exceptions import SynchronousOnlyOperation
from django.db import connections

from django_aws_api_gateway_websockets.exceptions import SendFailed
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models import WebSocketSession
from tests.app.lobby import GONE, HELLO, everybody

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
async def closed_connections():
    """The thread that the ORM is in stays, and PostgreSQL would keep the database."""
    yield
    await sync_to_async(connections.close_all)()


@pytest.fixture
def alice(make_session):
    return make_session("alice=")


async def test_one_client_gets_it(alice, transport):
    response = await alice.asend_message(HELLO)

    assert response["ResponseMetadata"]["RetryAttempts"] == 0
    assert transport.messages_to("alice=") == [HELLO]


async def test_one_that_was_read_in_a_coroutine_gets_it(alice, transport):
    session = await WebSocketSession.objects.select_related("api_gateway").aget()

    await session.asend_message(HELLO)

    assert transport.messages_to("alice=") == [HELLO]


async def test_one_whose_gateway_has_not_been_read_yet_gets_it(alice, transport):
    session = await WebSocketSession.objects.aget()

    await session.asend_message(HELLO)

    assert transport.messages_to("alice=") == [HELLO]


async def test_one_that_is_gone_is_closed(alice, transport):
    transport.answer("alice=", GONE)

    assert await alice.asend_message(HELLO) is None

    assert not await WebSocketSession.objects.filter(connected=True).aexists()


async def test_one_that_fails_is_an_error(alice, transport):
    transport.answer("alice=", Outcome.FAILED)

    with pytest.raises(SendFailed, match="told to"):
        await alice.asend_message(HELLO)


@pytest.fixture
def crowd(make_session):
    return [make_session(name) for name in ("a", "b", "c")]


@pytest.mark.usefixtures("crowd")
async def test_many_get_it(transport):
    transport.answer("b", GONE)

    result = await everybody().asend_message(HELLO, max_workers=2)

    assert str(result) == "2 sent, 1 gone, 0 connecting, 0 throttled, 0 failed"
    assert await everybody().filter(connected=True).acount() == 2


async def test_errors_of_the_message_are_raised(alice):
    with pytest.raises(ValueError, match="JSON"):
        await alice.asend_message({"number": float("nan")})
    with pytest.raises(ValueError, match="max_workers is 0"):
        await everybody().asend_message(HELLO, max_workers=0)


async def test_several_at_once_all_arrive(alice, transport):
    await asyncio.gather(
        *(alice.asend_message({"number": number}) for number in range(10)),
        everybody().asend_message({"number": 10}),
    )

    numbers = [message["number"] for message in transport.messages_to("alice=")]
    assert sorted(numbers) == list(range(11))


async def test_waiting_without_await_is_an_error_that_names_the_other_method(alice):
    session = await WebSocketSession.objects.select_related("api_gateway").aget()

    for sockets in (session, everybody()):
        with pytest.raises(SynchronousOnlyOperation, match="await …asend_message"):
            sockets.send_message(HELLO)
