from collections.abc import Callable, Iterator
from fcntl import LOCK_EX, flock
from functools import cache
from typing import TYPE_CHECKING

import pytest
from botocore.loaders import JSONFileLoader
from django.test import Client
from django.urls import path

from django_aws_api_gateway_websockets.messaging.memory_transport import (
    MemoryTransport,
)
from django_aws_api_gateway_websockets.messaging.transports import current_transport
from django_aws_api_gateway_websockets.views import WebSocketView

from .builds import Build, host_build
from .gateway import Gateway
from .matrix import pytest_terminal_summary  # noqa: F401

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

    from .large_broadcasts import Queues


@pytest.fixture(scope="session", name="host_build")
def build_for_this_host(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Build:
    """The functions, built for this machine's processor and Python; once for all workers."""
    folder = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        folder = folder.parent
    with (folder / "host.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        return host_build(folder / "host-build")


@pytest.fixture(scope="session", autouse=True)
def files_of_botocore() -> Iterator[None]:
    """Are read once: botocore itself reads megabytes for each of its sessions."""
    read = cache(JSONFileLoader().load_file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", lambda _self, path: read(path))
        yield


@pytest.fixture(scope="session")
def sqs_address() -> Iterator[str]:
    """A server that is like SQS, where each test makes queues of its own."""
    from moto.server import ThreadedMotoServer  # takes half a second

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def sqs_client(sqs_address: str) -> Iterator["SQSClient"]:
    """A client of that server, in an environment in which the site finds it."""
    from .large_broadcasts import REGION, client_for, environment

    with environment(sqs_address):
        yield client_for(REGION, None, None)


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten recipients in a shard, seven shards in a transaction, and short pauses."""
    from django_aws_api_gateway_websockets.messaging import broadcast_queue
    from django_aws_api_gateway_websockets.models import broadcasts

    monkeypatch.setattr(broadcasts, "SESSIONS_IN_A_SHARD", 10)
    monkeypatch.setattr(broadcasts, "SHARDS_AT_ONCE", 7)
    monkeypatch.setattr(broadcast_queue, "FIRST_PAUSE", 0.01)


@pytest.fixture
def queues(sqs_client: "SQSClient", small_shards: None, settings) -> "Queues":
    """A queue for what goes to more than five, and its dead-letter queue."""
    from .large_broadcasts import Queues, use_queue

    queues = Queues(sqs_client)
    use_queue(settings, queues.url)
    return queues


@pytest.fixture
def transport() -> Iterator[MemoryTransport]:
    """What clients get, and what the gateway says to it."""
    transport = current_transport()
    assert isinstance(transport, MemoryTransport)
    transport.clear()
    yield transport
    transport.clear()


@pytest.fixture
def staff(admin_client: Client) -> Client:
    """A superuser in the admin."""
    admin_client.defaults |= {"SERVER_NAME": "site.example"}
    return admin_client


@pytest.fixture
def serve(settings) -> Callable[[type[WebSocketView]], Gateway]:
    """A gateway whose events reach this view."""

    def serve(view: type[WebSocketView]) -> Gateway:
        settings.ROOT_URLCONF = (path("ws/<slug:route>", view.as_view()),)
        return Gateway()

    return serve
