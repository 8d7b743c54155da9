"""Messages to live sockets: what either transport, the functions and the site do to them."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from urllib.parse import quote

import pytest
import websockets

from django_aws_api_gateway_websockets.messaging.contract import (
    HANG_UP,
    Outcome,
    Request,
)
from tests.end_to_end.conftest import PATIENCE, Perform
from tests.end_to_end.many_sockets import all_are_reached_and_hung_up_on, room_for
from tests.end_to_end.observed import Observed, observed_stack
from tests.end_to_end.relay import Relay
from tests.end_to_end.stack import TABLE, Stack
from tests.end_to_end.test_chat import connected

# Well-formed text of 100 KB, which the gateway sends on in frames of 32 KB.
LONG = json.dumps({"text": "ten bytes " * 10_000})
SOCKETS, LEAVING = 100, 10  # `make soak` has two thousand


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    folder = tmp_path_factory.mktemp("observed")
    with room_for(SOCKETS), observed_stack(folder, "lambda") as observed:
        yield observed


@pytest.fixture
async def client(observed: Observed) -> AsyncIterator[websockets.ClientConnection]:
    async with connected(observed.stack, "sending") as socket:
        yield socket


@pytest.fixture
def connection_id(observed: Observed, client: websockets.ClientConnection) -> str:
    return newest(observed.stack, "sending")


def newest(stack: Stack, channel: str) -> str:
    """The connection id of whoever has joined the channel last."""
    query = f"SELECT connection_id FROM {TABLE} WHERE channel_name = ? ORDER BY id DESC"
    with closing(sqlite3.connect(stack.database)) as database:
        return str(database.execute(query, [channel]).fetchone()[0])


def post(text: str) -> Request:
    return Request("POST", text.encode())


def path(connection_id: str, stage: str = "production") -> str:
    return f"/{stage}/@connections/{quote(connection_id, safe='')}"


async def heard(client: websockets.ClientConnection) -> str | bytes:
    return await asyncio.wait_for(client.recv(), PATIENCE)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"text":"hello"}', id="plain"),
        pytest.param('{"text":"é 🙂 👩‍👩‍👧"}', id="emoji"),
        pytest.param(LONG, id="100 KB"),
        pytest.param("x" * 131_072, id="the longest"),
    ],
)
async def test_a_text_arrives_as_it_is(
    perform: Perform,
    relay: Relay,
    client: websockets.ClientConnection,
    connection_id: str,
    text: str,
) -> None:
    delivery = await perform(connection_id, [post(text)])

    assert await heard(client) == text
    assert delivery.outcome is Outcome.SENT
    metadata = delivery.response["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == 200
    assert metadata["RequestId"] == metadata["HTTPHeaders"]["x-amzn-requestid"]
    assert relay.requests == [f"POST {path(connection_id)}"]


async def test_who_has_left_is_gone(
    perform: Perform,
    relay: Relay,
    client: websockets.ClientConnection,
    connection_id: str,
) -> None:
    await client.close()

    delivery = await perform(connection_id, [post("anybody there?"), HANG_UP])

    assert (delivery.outcome, delivery.reason) == (Outcome.GONE, "HTTP 410")
    assert relay.requests == [f"POST {path(connection_id)}"]


async def test_a_client_hears_goodbye_and_is_hung_up_on(
    perform: Perform,
    relay: Relay,
    client: websockets.ClientConnection,
    connection_id: str,
) -> None:
    delivery = await perform(connection_id, [post("goodbye"), HANG_UP])

    assert await heard(client) == "goodbye"
    await asyncio.wait_for(client.wait_closed(), PATIENCE)
    assert client.close_code == 1000
    assert client.close_reason == "Connection Closed Normally"
    assert delivery.outcome is Outcome.SENT
    assert delivery.response["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert relay.requests == [
        f"POST {path(connection_id)}",
        f"DELETE {path(connection_id)}",
    ]


async def test_what_the_gateway_refuses_is_asked_for_once(
    perform: Perform, relay: Relay, connection_id: str
) -> None:
    malformed, with_a_slash = "no id of %any gateway é🙂", "no/id"
    refused = [
        (await perform(malformed, [post("hello")]), "HTTP 400 BadRequestException"),
        (await perform(with_a_slash, [post("hello")]), "HTTP 403 ForbiddenException"),
        (
            await perform(connection_id, [post("hello")], stage="staging"),
            "HTTP 403 ForbiddenException",
        ),
    ]

    for delivery, reason in refused:
        assert delivery.outcome is Outcome.FAILED
        assert delivery.reason.startswith(reason)
        assert not delivery.is_transient
    assert relay.requests == [
        f"POST {path(malformed)}",
        f"POST {path(with_a_slash)}",
        f"POST {path(connection_id, 'staging')}",
    ]


@pytest.mark.parametrize("too_many", [1, 1_000_000])
async def test_what_is_too_large_fails_and_the_next_message_arrives(
    perform: Perform,
    client: websockets.ClientConnection,
    connection_id: str,
    too_many: int,
) -> None:
    large = await perform(connection_id, [post("x" * (131_072 + too_many))])
    await perform(connection_id, [post("hello")])

    assert large.outcome is Outcome.FAILED
    assert large.reason.startswith("HTTP 413")
    assert not large.is_transient
    assert await heard(client) == "hello"


async def test_a_function_of_the_socket_sends_without_boto3_and_keeps_its_connections(
    observed: Observed,
) -> None:
    observed.sends_without_boto3_and_keeps_its_connections(
        await observed.replies_to_events(), listeners=2, calls=3
    )


async def test_the_sites_function_sends_without_boto3_and_keeps_its_connections(
    observed: Observed,
) -> None:
    observed.sends_without_boto3_and_keeps_its_connections(
        await observed.replies_of_the_site(), listeners=1, calls=1
    )


async def test_each_socket_hears_each_message_once_and_goodbye_at_the_end(
    observed: Observed,
) -> None:
    await all_are_reached_and_hung_up_on(observed.stack, SOCKETS, leaving=LEAVING)
