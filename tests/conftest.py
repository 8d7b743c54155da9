from collections.abc import Callable, Iterator

import pytest
from django.urls import path

from django_aws_api_gateway_websockets.messaging.memory_transport import (
    MemoryTransport,
)
from django_aws_api_gateway_websockets.messaging.transports import current_transport
from django_aws_api_gateway_websockets.views import WebSocketView

from .builds import Build, host_build
from .gateway import Gateway


@pytest.fixture(scope="session", name="host_build")
def build_for_this_host(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The functions, built for this machine's processor and Python."""
    return host_build(tmp_path_factory.mktemp("host") / "build")


@pytest.fixture(scope="session")
def sqs_address() -> Iterator[str]:
    """A server that is like SQS, where each test makes queues of its own."""
    from moto.server import ThreadedMotoServer  # takes half a second

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def transport() -> Iterator[MemoryTransport]:
    """What clients get, and what the gateway says to it."""
    transport = current_transport()
    assert isinstance(transport, MemoryTransport)
    transport.clear()
    yield transport
    transport.clear()


@pytest.fixture
def serve(settings) -> Callable[[type[WebSocketView]], Gateway]:
    """A gateway whose events reach this view."""

    def serve(view: type[WebSocketView]) -> Gateway:
        settings.ROOT_URLCONF = (path("ws/<slug:route>", view.as_view()),)
        return Gateway()

    return serve
