"""Handlers that are coroutines."""

import asyncio
import threading
from functools import wraps

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.backends.signals import connection_created

from django_aws_api_gateway_websockets.models import DEFERRED, WebSocketSession
from django_aws_api_gateway_websockets.routing import handler
from tests.app.echo import PublicView
from tests.app.lambda_events import ADAPTERS, gateway_event
from tests.gateway import ALICE

pytestmark = pytest.mark.django_db(transaction=True)


def counted(method):
    """A decorator that knows nothing of coroutines."""

    @wraps(method)
    def call(*args, **kwargs):
        return method(*args, **kwargs)

    return call


class AsyncView(PublicView):
    @handler
    async def found(self, request, *args, **kwargs):
        group = await Group.objects.acreate(name=self.body["name"])
        await asyncio.sleep(0)
        return {"groups": await Group.objects.acount(), "name": group.name}

    @handler
    async def breaks(self, request, *args, **kwargs):
        await Group.objects.acreate(name="half")
        raise RuntimeError("a secret detail")

    @handler
    @counted
    async def decorated(self, request, *args, **kwargs):
        return {"ran": "decorated"}

    async def default(self, request, *args, **kwargs):
        return {"ran": "default"}

    async def change_channel(self, request, *args, **kwargs):
        return {"ran": "change_channel"}


class AtomicView(AsyncView):
    atomic = True


@pytest.fixture
def connected(serve):
    def connected(view):
        gateway = serve(view)
        gateway.connect()
        return gateway

    return connected


@pytest.mark.parametrize("view", [AsyncView, AtomicView])
def test_a_coroutine_may_use_the_database(connected, transport, view):
    connected(view).message({"handler": "found", "name": "a"})

    assert transport.messages_to(ALICE)[0]["data"] == {"groups": 1, "name": "a"}


@pytest.mark.parametrize("name", ["default", "change_channel", "decorated"])
def test_any_handler_may_be_a_coroutine(connected, transport, name):
    connected(AsyncView).message({"handler": name})

    assert transport.messages_to(ALICE)[0]["data"] == {"ran": name}


@pytest.mark.parametrize(("view", "kept"), [(AsyncView, 1), (AtomicView, 0)])
def test_what_an_error_leaves_behind_is_as_the_view_says(
    connected, transport, caplog, view, kept
):
    response = connected(view).message({"handler": "breaks", "id": 1})

    assert response.status_code == 500
    assert transport.messages_to(ALICE)[0]["code"] == "internal_server_error"
    assert "a secret detail" in caplog.text
    assert Group.objects.count() == kept


def test_messages_of_an_atomic_coroutine_wait_for_its_commit(connected, transport):
    class TellingView(PublicView):
        atomic = True

        @handler
        async def tell(self, request, *args, **kwargs):
            send = sync_to_async(self.websocket_session.send_message)
            assert await send({"type": "told"}) is DEFERRED
            assert transport.posts == []

    connected(TellingView).message({"handler": "tell"})

    assert transport.messages_to(ALICE) == [{"type": "told"}]


@pytest.mark.parametrize("call", ADAPTERS)
@pytest.mark.parametrize("view", [AsyncView, AtomicView])
def test_coroutines_run_on_lambda_and_leave_nothing_behind(
    connected, transport, call, view
):
    connected(view)
    threads = threading.active_count()
    opened = []

    def remember(connection, **_):
        opened.append(connection)

    connection_created.connect(remember)

    for name in ("a", "b"):
        answer = call(gateway_event(message={"handler": "found", "name": name}), None)
        assert answer["statusCode"] == 200

    connection_created.disconnect(remember)
    assert [frame["data"]["groups"] for frame in transport.messages_to(ALICE)] == [1, 2]
    assert not transaction.get_connection().in_atomic_block
    assert threading.active_count() <= threads + 1
    assert opened
    assert all(each.connection is None for each in opened)
    with pytest.raises(RuntimeError, match="no running event loop"):
        asyncio.get_running_loop()
    assert WebSocketSession.objects.get().request_count == 2
