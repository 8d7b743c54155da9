import os
import socket
import ssl

import pytest
import trustme

from django_aws_api_gateway_websockets.messaging import retries
from django_aws_api_gateway_websockets.messaging.sender import Sender, dispatch, opening
from tests.app.sender.name_servers import NameServer
from tests.app.sender.scripted_server import ScriptedServer


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """A key and a region, and nothing else of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-alice")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    return monkeypatch


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch):
    """As many as always, of a hundredth of their length."""
    monkeypatch.setattr(retries, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(retries, "LONGEST_PAUSE", 0.02)
    monkeypatch.setattr(opening, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(dispatch, "LONGEST_WAIT", 0.01)


@pytest.fixture
def sender():
    sender = Sender()
    yield sender
    sender.close()


@pytest.fixture
def serve():
    """Start a server with a script."""
    servers = []

    def serve(script, **options):
        servers.append(ScriptedServer(script, **options))
        return servers[-1]

    yield serve
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def authority():
    return trustme.CA()


@pytest.fixture(scope="session")
def bundle(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("authority") / "bundle.pem"
    authority.cert_pem.write_to_path(path)
    return path


@pytest.fixture
def trusted(monkeypatch, bundle):
    """The authority is trusted."""
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))


@pytest.fixture(scope="session")
def context_of(authority):
    """How a server speaks TLS that has a certificate for these names."""

    def context_of(*names, **options):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*names, **options).configure_cert(context)
        return context

    return context_of


@pytest.fixture(scope="session")
def context(context_of):
    return context_of("localhost", "127.0.0.1", "::1")


@pytest.fixture
def name_server(monkeypatch):
    name_server = NameServer()
    monkeypatch.setattr(socket, "getaddrinfo", name_server.look_up)
    return name_server
