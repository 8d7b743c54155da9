"""boto3 against a small server that answers as the Management API does."""

import json
from collections import Counter
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from time import monotonic
from urllib.parse import unquote

import pytest

from django_aws_api_gateway_websockets.exceptions import NoCredentials
from django_aws_api_gateway_websockets.messaging import boto3_transport as module
from django_aws_api_gateway_websockets.messaging import schedule
from django_aws_api_gateway_websockets.messaging.boto3_transport import Boto3Transport
from django_aws_api_gateway_websockets.messaging.contract import (
    HANG_UP,
    TOO_LATE,
    Outcome,
    Recipient,
    Request,
)
from django_aws_api_gateway_websockets.messaging.sender import Sender
from django_aws_api_gateway_websockets.messaging.transports import current_transport

HELLO = Request("POST", '{"a":"é"}'.encode())
ANSWERS = {
    "sent=": (200, None),
    "gone=": (410, "GoneException"),
    "bare-gone=": (410, None),
    "large=": (413, "PayloadTooLargeException"),
    "throttled=": (429, "LimitExceededException"),
    "broken=": (500, None),
    "late=": (408, None),
    "bad=": (400, "BadRequestException"),
}


class ManagementApi(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = unquote(self.path)
        connection_id = path.rpartition("/")[2]
        with self.server.lock:
            self.server.calls.append((self.command, path, body))
            self.server.keys.append(self.headers["Authorization"].split("=")[1])
            answers = self.server.answers.get(connection_id, [])
            status, error_type = answers.pop(0) if answers else ANSWERS["sent="]
        words = json.dumps({"message": f"Invalid connectionId: {connection_id}"})
        body = words.encode() if status == 400 else b""
        if connection_id == "slow=":
            self.server.released.wait(5)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amzn-RequestId", f"request-{len(self.server.calls)}")
        if error_type:
            self.send_header("x-amzn-ErrorType", error_type)
        self.end_headers()
        self.wfile.write(body)

    do_DELETE = do_POST

    def log_message(self, *args):
        """Nothing: the calls are recorded."""


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
    monkeypatch.setattr(schedule, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(schedule, "PAUSE_FOR_HANDSHAKES", 0.001)


def to(address, *connection_ids, **fields):
    return [
        Recipient(number, connection_id, address, **fields)
        for number, connection_id in enumerate(connection_ids)
    ]


def outcomes(transport, recipients, requests=(HELLO,), *, seconds=10):
    """What came of each, by its connection id; nobody comes out twice."""
    told = list(transport.perform(recipients, requests, seconds=seconds))
    by_id = {recipient.connection_id: delivery for recipient, delivery in told}
    assert len(by_id) == len(told)
    return by_id


@pytest.mark.parametrize("request_", [HELLO, HANG_UP], ids=["message", "hang-up"])
@pytest.mark.usefixtures("short_pauses")
def test_the_status_decides_the_outcome_and_the_tries(
    management_api, boto3_transport, address, request_
):
    by_id = outcomes(boto3_transport, to(address, *ANSWERS), [request_])

    # boto3 makes each call once: what to try again is for the schedule to say.
    calls = Counter(path.rpartition("/")[2] for _, path, _ in management_api.calls)
    assert {
        name: (delivery.outcome, delivery.reason, calls[name])
        for name, delivery in by_id.items()
    } == {
        "sent=": (Outcome.SENT, "", 1),
        "gone=": (Outcome.GONE, "HTTP 410", 1),
        "bare-gone=": (Outcome.GONE, "HTTP 410", 1),
        "large=": (Outcome.FAILED, "HTTP 413 PayloadTooLargeException", 1),
        "throttled=": (Outcome.THROTTLED, "HTTP 429 LimitExceededException", 6),
        "broken=": (Outcome.FAILED, "HTTP 500", 6),
        "late=": (Outcome.FAILED, "HTTP 408", 6),
        "bad=": (
            Outcome.FAILED,
            "HTTP 400 BadRequestException: Invalid connectionId",
            1,
        ),
    }


@pytest.mark.usefixtures("short_pauses")
def test_what_passes_is_sent_in_the_end(management_api, boto3_transport, address):
    throttled, broken, gone = (
        ANSWERS[name] for name in ("throttled=", "broken=", "gone=")
    )
    management_api.answers = {
        "patient=": [throttled, broken, throttled],
        "connecting=": [gone],
    }

    by_id = outcomes(
        boto3_transport,
        to(address, "patient=", "connecting=", may_be_connecting=True),
    )

    assert {delivery.outcome for delivery in by_id.values()} == {Outcome.SENT}
    paths = Counter(path.rpartition("/")[2] for _, path, _ in management_api.calls)
    assert paths == {"patient=": 4, "connecting=": 2}


def test_a_message_arrives_as_it_is(management_api, boto3_transport, address):
    [delivery] = outcomes(boto3_transport, to(address, "sent=")).values()

    assert management_api.calls == [
        ("POST", "/production/@connections/sent=", '{"a":"é"}'.encode())
    ]
    metadata = delivery.response["ResponseMetadata"]
    assert (metadata["HTTPStatusCode"], metadata["RetryAttempts"]) == (200, 0)
    assert metadata["RequestId"] == "request-1"
    assert metadata["HTTPHeaders"]["content-length"] == "0"


def test_goodbye_is_said_before_the_connection_is_hung_up(
    management_api, boto3_transport, address
):
    names = [f"{number}=" for number in range(25)]

    by_id = outcomes(boto3_transport, to(address, *names), [HELLO, HANG_UP])

    assert {delivery.outcome for delivery in by_id.values()} == {Outcome.SENT}
    for name in names:
        path = f"/production/@connections/{name}"
        assert [call[:2] for call in management_api.calls if call[1] == path] == [
            ("POST", path),
            ("DELETE", path),
        ]


@pytest.mark.usefixtures("short_pauses")
def test_a_refused_connection_is_a_failure(boto3_transport):
    [delivery] = outcomes(
        boto3_transport, to("http://127.0.0.1:1/production", "sent=")
    ).values()

    assert delivery.outcome is Outcome.FAILED
    assert delivery.reason == "EndpointConnectionError"
    assert delivery.may_pass


def test_an_address_that_is_none_stops_nobody_else(boto3_transport, address):
    by_id = outcomes(
        boto3_transport, [*to("no address", "lost="), *to(address, "sent=")]
    )

    assert by_id["sent="].outcome is Outcome.SENT
    assert by_id["lost="].outcome is Outcome.FAILED
    assert by_id["lost="].reason == "Invalid endpoint: no address"


def test_an_endpoint_that_hangs_leaves_the_others_theirs(
    management_api, boto3_transport, address
):
    hanging = [
        Recipient(number, "slow=", address, may_be_connecting=False)
        for number in range(30)
    ]
    others = to(address + "/other", *(f"{number}=" for number in range(30)))
    for url in (address, address + "/other"):
        boto3_transport.client_for(url)  # which takes a while

    told = boto3_transport.perform([*hanging, *others], [HELLO], seconds=4)
    with closing(told):
        first = [next(told) for _ in others]

    assert {recipient for recipient, _ in first} == set(others)
    assert {delivery.outcome for _, delivery in first} == {Outcome.SENT}


def test_who_is_not_answered_in_time_is_told_so(
    management_api, boto3_transport, address
):
    boto3_transport.client_for(address)  # which takes a while
    begin = monotonic()

    by_id = outcomes(boto3_transport, to(address, "sent=", "slow="), seconds=1)

    assert by_id["sent="].outcome is Outcome.SENT
    assert by_id["slow="] is TOO_LATE
    assert monotonic() - begin < 3


def test_no_more_than_so_many_calls_are_under_way(
    management_api, boto3_transport, address
):
    boto3_transport.client_for(address)  # which takes a while

    told = boto3_transport.perform(
        to(address, *["slow="] * 9), [HELLO], seconds=1, connections=2
    )

    assert {delivery for _, delivery in told} == {TOO_LATE}
    assert 0 < len(management_api.calls) <= 2


def test_calls_keep_their_pace(settings, boto3_transport, address):
    boto3_transport.client_for(address)  # which takes a while
    settings.WEBSOCKETS = {**settings.WEBSOCKETS, "callbacks_per_second": 100}
    begin = monotonic()

    outcomes(boto3_transport, to(address, *(f"{number}=" for number in range(30))))

    # Ten may come at once, and the others each take a hundredth of a second.
    assert monotonic() - begin > 0.15


def test_each_address_has_one_client(boto3_transport, address):
    first = boto3_transport.client_for(address)

    assert boto3_transport.client_for(address) is first
    assert boto3_transport.client_for(address + "2") is not first


@pytest.fixture
def credentials_file(tmp_path):
    (tmp_path / "credentials").write_text(
        "[chat]\naws_access_key_id = of-profile\naws_secret_access_key = secret\n"
    )


def profile_is_set(settings):
    settings.AWS_IAM_PROFILE = "chat"
    key_is_set(settings)


def key_is_set(settings):
    settings.AWS_ACCESS_KEY_ID = "of-settings"
    settings.AWS_SECRET_ACCESS_KEY = "secret"


def half_a_key_is_set(settings):
    settings.AWS_ACCESS_KEY_ID = "of-settings"


@pytest.mark.usefixtures("credentials_file")
@pytest.mark.parametrize(
    ("set_up", "key"),
    [
        (profile_is_set, "of-profile"),
        (key_is_set, "of-settings"),
        (half_a_key_is_set, "of-environment"),
    ],
)
def test_the_settings_name_the_key(
    management_api, boto3_transport, address, settings, set_up, key
):
    set_up(settings)

    outcomes(boto3_transport, to(address, "sent="))

    assert [each.partition("/")[0] for each in management_api.keys] == [key]


def no_key(settings, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")


def half_a_key(settings, monkeypatch):
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")


def no_profile(settings, monkeypatch):
    settings.AWS_IAM_PROFILE = "nobody"


@pytest.mark.parametrize("missing", [no_key, half_a_key, no_profile])
def test_missing_credentials_are_raised(
    boto3_transport, address, settings, monkeypatch, missing
):
    missing(settings, monkeypatch)

    with pytest.raises(NoCredentials, match="AWS_IAM_PROFILE"):
        outcomes(boto3_transport, to(address, "sent=", "other="))


@pytest.mark.usefixtures("boto3_transport")
def test_without_a_region_there_is_a_failure_that_says_so(settings, monkeypatch):
    del settings.AWS_REGION_NAME
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)

    [delivery] = outcomes(
        Boto3Transport(), to("https://socket.example/production", "sent=")
    ).values()

    assert delivery.outcome is Outcome.FAILED
    assert "AWS_GATEWAY_REGION_NAME" in delivery.reason


def test_the_setting_chooses_the_transport(settings):
    settings.WEBSOCKETS = {"transport": f"{module.__name__}.Boto3Transport"}
    assert isinstance(current_transport(), Boto3Transport)
    assert current_transport() is current_transport()

    settings.WEBSOCKETS = {}
    assert isinstance(current_transport(), Sender)
