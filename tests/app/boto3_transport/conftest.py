from http.server import ThreadingHTTPServer
from threading import Event, Lock, Thread

import pytest

from django_aws_api_gateway_websockets.messaging import retries
from django_aws_api_gateway_websockets.messaging.boto3_transport import Boto3Transport
from tests.app.boto3_transport.management_api import ANSWERS, ManagementApi


@pytest.fixture
def management_api():
    server = ThreadingHTTPServer(("127.0.0.1", 0), ManagementApi)
    server.lock, server.released = Lock(), Event()
    server.calls, server.keys = [], []
    server.answers = {name: [answer] * 99 for name, answer in ANSWERS.items()}
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def address(management_api):
    return f"http://127.0.0.1:{management_api.server_port}/production"


@pytest.fixture
def boto3_transport(monkeypatch, settings, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "of-environment")
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    settings.AWS_REGION_NAME = "eu-central-1"
    transport = Boto3Transport()
    yield transport
    for client in transport.clients.values():
        client.close()


@pytest.fixture
def short_pauses(monkeypatch):
    monkeypatch.setattr(retries, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(retries, "PAUSE_FOR_HANDSHAKES", 0.001)
