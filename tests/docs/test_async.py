"""docs/howto/async.md, as it is printed."""

import asyncio
import threading
import time
from importlib import import_module
from typing import ClassVar

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import SynchronousOnlyOperation
from django.test import AsyncClient
from django.urls import path

from django_aws_api_gateway_websockets.messaging.contract import (
    MOST_CONNECTIONS,
    Delivery,
    Outcome,
)
from django_aws_api_gateway_websockets.models import DEFERRED
from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.lobby import HELLO, everybody
from tests.app.logins import connect_with_token, user_named
from tests.docs.pages import ROOT
from tests.docs.printed_apps import printed_app
from tests.gateway import ALICE, BOB

PAGE = "docs/howto/async.md"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def auction(tmp_path, monkeypatch):
    """Import a module of the page's app."""
    with printed_app(PAGE, "auction", tmp_path, monkeypatch):
        yield lambda name: import_module(f"auction.{name}")


def test_a_handler_tells_the_others(auction, serve, transport):
    gateway = serve(auction("views").AuctionView)
    connect_with_token(gateway)
    connect_with_token(gateway, BOB, user=user_named("bob"))

    gateway.message({"handler": "bid", "amount": 7})

    assert transport.messages_to(BOB) == [{"type": "bid", "amount": 7}]
    noted, reply = transport.messages_to(ALICE)
    assert noted == {"type": "noted"}
    assert reply["data"] == {"heard_by": 1}


def test_an_atomic_handler_sends_after_the_commit(serve, transport):
    returned = []

    class AtomicView(WebSocketView):
        atomic = True

        @handler
        async def say(self, request, *args, **kwargs):
            returned.append(await self.websocket_session.asend_message(HELLO))
            returned.append(list(transport.posts))

    gateway = serve(AtomicView)
    connect_with_token(gateway)

    gateway.message({"handler": "say"})

    assert returned == [DEFERRED, []]
    assert transport.messages_to(ALICE) == [HELLO]


def test_a_view_tells_the_bidders(auction, settings, make_session, transport):
    settings.ROOT_URLCONF = (
        path("close/<slug:channel_name>", auction("pages").close_auction),
    )
    make_session("alice=")
    staff = user_named("staff")
    staff.is_staff = True
    staff.save()

    def answer_to(user):
        client = AsyncClient()
        client.force_login(user)
        return async_to_sync(client.post)("/close/lobby")

    assert answer_to(user_named("bob")).status_code == 403
    assert answer_to(staff).json() == {"heard_by": 1, "left": 0}
    assert transport.messages_to("alice=") == [{"type": "closed"}]


def test_a_program_passes_on_what_comes(auction, make_session, transport):
    make_session("alice=")

    async def prices():
        yield 3
        await asyncio.sleep(0)
        yield 4

    async_to_sync(auction("forwarding").forward)(prices(), "lobby")

    assert transport.messages_to("alice=") == [
        {"type": "price", "price": 3},
        {"type": "price", "price": 4},
    ]


@pytest.mark.parametrize("one", [True, False])
def test_the_other_one_is_refused_in_a_coroutine(make_session, one):
    session = make_session("alice=")

    async def by_mistake():
        (session if one else everybody()).send_message(HELLO)

    with pytest.raises(SynchronousOnlyOperation):
        async_to_sync(by_mistake)()


class Slow:
    """Takes a moment, and notes how many do so at once."""

    lock = threading.Lock()
    at_once = 0
    most = 0
    sent: ClassVar[list[str]] = []

    def perform(self, recipients, requests, **options):
        with Slow.lock:
            Slow.at_once += 1
            Slow.most = max(Slow.most, Slow.at_once)
        time.sleep(0.1)
        Slow.at_once -= 1
        for recipient in recipients:
            Slow.sent.append(recipient.connection_id)
            yield recipient, Delivery(Outcome.SENT)


@pytest.fixture
def slow(settings, make_session):
    make_session("alice=")
    Slow.most, Slow.sent = 0, []
    path = f"{__name__}.Slow"
    settings.WEBSOCKETS = {**settings.WEBSOCKETS, "transport": path}
    return Slow


def test_others_go_on_but_two_of_one_program_take_turns(slow):
    went_on = []

    async def others():
        while len(slow.sent) < 2:
            went_on.append(len(slow.sent))
            await asyncio.sleep(0.01)

    async def program():
        sends = (everybody().asend_message(HELLO) for _ in range(2))
        await asyncio.gather(others(), *sends)

    async_to_sync(program)()

    assert {0, 1} <= set(went_on)
    assert slow.most == 1


def test_who_is_cancelled_stops_waiting_and_the_message_goes_out(slow):
    async def program():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await everybody().asend_message(HELLO)
        assert slow.sent == []
        while not slow.sent:
            await asyncio.sleep(0.01)

    async_to_sync(asyncio.wait_for)(program(), 10)

    assert slow.sent == ["alice="]


def test_the_number_of_calls_is_that_of_the_code():
    assert f"up to {MOST_CONNECTIONS} calls" in (ROOT / PAGE).read_text()
