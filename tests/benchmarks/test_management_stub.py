"""The stub of the Management API, as a client of it finds it."""

import json
import re
import socket
import ssl
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPResponse, HTTPSConnection, RemoteDisconnected

import pytest

from benchmarks.sending_stub import (
    HOST,
    Certificates,
    RunningStub,
    make_certificates,
    running_stub,
)

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="epoll is there for Linux only"
)
PATIENCE = 10  # seconds
IDS = [f"id{number}=" for number in range(200)]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def secure_socket(stub: RunningStub, certificates: Certificates) -> ssl.SSLSocket:
    trusting = ssl.create_default_context(cafile=certificates.authority)
    plain = socket.create_connection(("127.0.0.1", stub.port), timeout=PATIENCE)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
    return trusting.wrap_socket(plain, server_hostname=HOST)


class Client(HTTPSConnection):
    """Posts to connections on one connection of its own."""

    def __init__(self, stub: RunningStub, certificates: Certificates) -> None:
        super().__init__(HOST)
        self.connect = lambda: setattr(self, "sock", secure_socket(stub, certificates))

    def post(self, connection_id: str, body: bytes = b"hello") -> HTTPResponse:
        path = f"/production/%40connections/{connection_id.replace('=', '%3D')}"
        self.request("POST", path, body)
        response = self.getresponse()
        response.body = response.read()
        return response

    def status_of(self, connection_id: str) -> int | None:
        """None is a connection that ends without an answer."""
        try:
            return self.post(connection_id).status
        except RemoteDisconnected:
            self.close()
            return None


@contextmanager
def posting(
    certificates: Certificates, *options: str
) -> Iterator[tuple[Client, RunningStub]]:
    """The stub's report is there after the block."""
    with running_stub(certificates, options) as stub:
        with closing(Client(stub, certificates)) as client:
            yield client, stub


def test_a_message_is_taken_as_api_gateway_takes_it(certificates: Certificates):
    with posting(certificates) as (client, _):
        response = client.post(IDS[0])

        assert client.sock.version() == "TLSv1.3"
        assert (response.status, response.body) == (200, b"")
        assert response.headers["Content-Type"] == "application/json"
        assert response.headers["x-amzn-RequestId"]
        assert response.headers["x-amz-apigw-id"]


def test_a_connection_stays_open_and_each_message_is_counted(
    certificates: Certificates,
):
    with posting(certificates) as (client, stub):
        for connection_id in (IDS[0], IDS[1], IDS[1]):
            client.post(connection_id)

    assert stub.report["taken"] == {"1": 1, "2": 1}
    assert stub.report["statuses"] == {"200": 3}
    assert stub.report["most_connections"] == 1
    assert 0 < stub.report["cpu"] < stub.report["seconds"]


def test_the_longest_message_is_taken_in_pieces(certificates: Certificates):
    with posting(certificates) as (client, stub):
        assert client.post(IDS[0], b"x" * 131_072).status == 200
        assert client.post(IDS[1]).status == 200

    assert stub.report["taken"] == {"1": 2}


def test_a_request_may_come_byte_by_byte_and_two_at_once(certificates: Certificates):
    request = b"POST /s/@connections/%s HTTP/1.1\r\ncontent-length: 2\r\n\r\nhi"
    with running_stub(certificates, ["--gone=left"]) as stub:
        with secure_socket(stub, certificates) as sock:
            for byte in request % b"here":
                sock.sendall(bytes([byte]))
            sock.sendall(request % b"left" + request % b"here")
            received = b""
            while received.count(b"\r\n\r\n") < 3:
                received += sock.recv(65536)

    assert re.findall(rb"HTTP/1.1 (\d+)", received) == [b"200", b"410", b"200"]


def test_an_answer_comes_after_the_latency_and_nobody_else_waits_for_it(
    certificates: Certificates,
):
    with posting(certificates, "--latency=400") as (client, stub):
        client.connect()
        begin = time.monotonic()
        client.request("POST", f"/production/@connections/{IDS[0]}", b"hello")
        with secure_socket(stub, certificates):  # its handshake is through
            client.sock.setblocking(False)
            with pytest.raises(ssl.SSLWantReadError):
                client.sock.recv(1)
        client.sock.settimeout(PATIENCE)
        assert client.getresponse().status == 200

    assert time.monotonic() - begin >= 0.4
    assert stub.report["most_connections"] == 2


def test_who_is_gone_stays_gone(certificates: Certificates):
    with posting(certificates, "--gone=left%3D") as (client, stub):
        for _ in range(2):
            response = client.post("left=")
            assert response.status == 410
            assert response.headers["x-amzn-ErrorType"] == "GoneException"

    assert stub.report["taken"] == {}


def first_and_second_calls(
    certificates: Certificates,
) -> tuple[list[int | None], list[int | None], RunningStub]:
    options = ("--throttled=10", "--failing=10", "--dropped=10")
    with posting(certificates, *options) as (client, stub):
        first, second = ([client.status_of(each) for each in IDS] for _ in range(2))
    return first, second, stub


def test_faults_pass_and_are_the_same_in_each_run(certificates: Certificates):
    first, second, stub = first_and_second_calls(certificates)
    statuses = Counter(first)

    assert set(statuses) == {200, 429, 500, None}
    assert all(statuses[fault] in range(10, 31) for fault in (429, 500, None))  # of 20
    assert set(second) == {200}
    assert stub.report["taken"] == {
        "1": len(IDS) - statuses[200],
        "2": statuses[200],
    }
    assert stub.report["statuses"]["0"] == statuses[None]
    assert stub.report["most_connections"] == 1  # each is open after the one before
    assert first_and_second_calls(certificates)[0] == first


def test_what_is_no_message_is_forbidden(certificates: Certificates):
    with posting(certificates) as (client, stub):
        client.request("POST", "/@connection/id")
        response = client.getresponse()
        assert json.loads(response.read()) == {"message": "Forbidden"}

    assert response.status == 403
    assert stub.report["taken"] == {}


def test_a_client_that_trusts_nobody_hinders_nobody(certificates: Certificates):
    with posting(certificates) as (client, stub):
        plain = socket.create_connection(("127.0.0.1", stub.port), timeout=PATIENCE)
        with plain, pytest.raises(ssl.SSLCertVerificationError):
            ssl.create_default_context().wrap_socket(plain, server_hostname=HOST)
        with socket.create_connection(("127.0.0.1", stub.port)) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\n\r\n")

        assert client.post(IDS[0]).status == 200
