"""boto3 against a small server that answers as the Management API does."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import unquote

import pytest
from botocore.exceptions import NoCredentialsError

from django_aws_api_gateway_websockets.messaging.boto3_transport import Boto3Transport
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.messaging.transports import current_transport

ANSWERS = {
    "sent=": (200, None),
    "gone=": (410, "GoneException"),
    "bare-gone=": (410, None),
    "large=": (413, "PayloadTooLargeException"),
    "throttled=": (429, "LimitExceededException"),
    "broken=": (500, None),
}


class ManagementApi(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = unquote(self.path)
        self.server.calls.append((self.command, path, body))
        status, error_type = ANSWERS[path.rpartition("/")[2]]
        self.send_response(status)
        self.send_header("Content-Length", "0")
        if error_type:
            self.send_header("x-amzn-ErrorType", error_type)
        self.end_headers()

    do_DELETE = do_POST

    def log_message(self, *args):
        """Nothing: the calls are recorded."""


@pytest.fixture
def management_api():
    server = ThreadingHTTPServer(("127.0.0.1", 0), ManagementApi)
    server.calls = []
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def address(management_api):
    return f"http://127.0.0.1:{management_api.server_port}/production"


@pytest.fixture
def boto3_transport(monkeypatch, settings, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "for-tests")
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    settings.AWS_REGION_NAME = "eu-central-1"
    transport = Boto3Transport()
    yield transport
    for client in transport.clients.values():
        client.close()


@pytest.mark.parametrize(
    ("connection_id", "outcome", "reason"),
    [
        ("gone=", Outcome.GONE, "HTTP 410"),
        ("bare-gone=", Outcome.GONE, "HTTP 410"),
        ("throttled=", Outcome.THROTTLED, "HTTP 429"),
        ("large=", Outcome.FAILED, "HTTP 413 PayloadTooLargeException"),
        ("broken=", Outcome.FAILED, "HTTP 500 500"),
    ],
)
def test_the_status_decides_the_outcome(
    management_api, boto3_transport, address, connection_id, outcome, reason
):
    for call in (
        lambda: boto3_transport.post(address, connection_id, b"{}"),
        lambda: boto3_transport.hang_up(address, connection_id),
    ):
        delivery = call()

        assert (delivery.outcome, delivery.reason) == (outcome, reason)

    # Once each: what to try again is for the caller to say.
    assert len(management_api.calls) == 2


def test_a_message_arrives_as_it_is(management_api, boto3_transport, address):
    delivery = boto3_transport.post(address, "sent=", '{"a":"é"}'.encode())

    assert delivery.outcome is Outcome.SENT
    assert delivery.response["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert management_api.calls == [
        ("POST", "/production/@connections/sent=", '{"a":"é"}'.encode())
    ]


def test_a_connection_is_hung_up(management_api, boto3_transport, address):
    assert boto3_transport.hang_up(address, "sent=").outcome is Outcome.SENT
    assert management_api.calls == [("DELETE", "/production/@connections/sent=", b"")]


def test_a_refused_connection_is_a_failure(boto3_transport):
    delivery = boto3_transport.post("http://127.0.0.1:1/production", "sent=", b"{}")

    assert delivery.outcome is Outcome.FAILED
    assert delivery.reason == "EndpointConnectionError"


def test_each_address_has_one_client(boto3_transport, address):
    first = boto3_transport.client_for(address)

    assert boto3_transport.client_for(address) is first
    assert boto3_transport.client_for(address + "2") is not first


def test_missing_credentials_are_raised(boto3_transport, address, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    with pytest.raises(NoCredentialsError):
        boto3_transport.post(address, "sent=", b"{}")


def test_the_setting_chooses_the_transport(settings):
    settings.WEBSOCKETS = {}

    assert isinstance(current_transport(), Boto3Transport)
    assert current_transport() is current_transport()
