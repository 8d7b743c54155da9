"""Nothing that a client sends gives it another address, or takes another's attempts."""

from itertools import count

import pytest

from django_aws_api_gateway_websockets.models import RateLimitBucket, WebSocketSession
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.echo import refusal
from tests.gateway import Gateway

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clock"),
]

BAD_HEADERS = (400, "Invalid request headers")
NO_ADDRESSES = {
    "empty": "",
    "garbage": "unknown",
    "a zone": f"fe80::1%{'x' * 60}",
    "NUL": "203.0.113.50\x00",
    "a control character": "203.0.113.50\x1b",
    "not ASCII": "203.0.113.50é",
    "overlong": "2001:db8::" + "1" * 5_000,
    "a network": "203.0.113.0/24",
}


class LimitedView(WebSocketView):
    USE_WS_TOKEN = False


@pytest.fixture
def gateway(serve):
    return serve(LimitedView)


@pytest.fixture
def behind_two_proxies(settings):
    settings.WEBSOCKETS = {**settings.WEBSOCKETS, "trusted_proxy_count": 2}


def admitted(gateway: Gateway, header: str, values):
    numbers = count()
    return sum(
        gateway.connect(f"client-{next(numbers)}=", **{header: value}).status_code
        == 200
        for value in values
    )


@pytest.mark.parametrize("header", ["X_Forwarded_For", "X_Real_Ip", "Forwarded"])
def test_a_header_of_the_client_gives_it_no_other_address(gateway, header):
    addresses = [f"198.51.100.{n}" for n in range(25)]

    assert admitted(gateway, header, addresses) == 20
    # And the victim, whose address it was, is admitted.
    assert gateway.connect(X_Ws_Source_Ip="198.51.100.7").status_code == 200


@pytest.mark.parametrize(
    "value", ["203.0.113.50, 198.51.100.7", "198.51.100.7,203.0.113.50", ","]
)
def test_two_source_addresses_are_refused(gateway, value):
    assert refusal(gateway.connect(X_Ws_Source_Ip=value)) == BAD_HEADERS
    assert not RateLimitBucket.objects.exists()


def test_addresses_of_one_ipv6_network_are_one(gateway):
    addresses = [f"2001:db8:1:2:{n:x}::{n:x}" for n in range(1, 26)]

    assert admitted(gateway, "X_Ws_Source_Ip", addresses) == 20


def test_the_forms_of_one_address_are_one(gateway):
    forms = ["203.0.113.50", "::ffff:203.0.113.50", "203.0.113.50:4711"] * 7

    assert admitted(gateway, "X_Ws_Source_Ip", forms) == 20


@pytest.mark.parametrize(
    "address", list(NO_ADDRESSES.values())[1:], ids=[*NO_ADDRESSES][1:]
)
def test_what_is_no_address_is_refused(gateway, address):
    assert refusal(gateway.connect(X_Ws_Source_Ip=address)) == BAD_HEADERS
    assert not WebSocketSession.objects.exists()


class TestBehindTwoProxies:
    """The hop that counts is the second from the right, and nothing else."""

    pytestmark = pytest.mark.usefixtures("behind_two_proxies")

    def test_the_hop_has_so_many_attempts(self, gateway):
        hops = [f"198.51.100.{n}, 203.0.113.50, 10.0.0.{n}" for n in range(25)]

        assert admitted(gateway, "X_Forwarded_For", hops) == 20

    def test_another_hop_has_attempts_of_its_own(self, gateway):
        hops = [f"192.0.2.1, 198.51.100.{n}, 10.0.0.1" for n in range(25)]

        assert admitted(gateway, "X_Forwarded_For", hops) == 25

    def test_the_mapped_address_is_not_believed(self, gateway):
        hops = "203.0.113.50, 10.0.0.1"
        addresses = [f"198.51.100.{n}" for n in range(25)]
        statuses = [
            gateway.connect(
                f"client-{n}=", X_Ws_Source_Ip=address, X_Forwarded_For=hops
            ).status_code
            for n, address in enumerate(addresses)
        ]

        assert statuses == [200] * 20 + [400] * 5

    @pytest.mark.parametrize("hops", [None, "", "203.0.113.50", ",", "203.0.113.50,,"])
    def test_too_few_hops_are_refused(self, gateway, hops):
        assert refusal(gateway.connect(X_Forwarded_For=hops)) == BAD_HEADERS

    @pytest.mark.parametrize("address", NO_ADDRESSES.values(), ids=NO_ADDRESSES)
    def test_a_hop_that_is_no_address_is_refused(self, gateway, address):
        response = gateway.connect(X_Forwarded_For=f"{address}, 10.0.0.1")

        assert refusal(response) == BAD_HEADERS
