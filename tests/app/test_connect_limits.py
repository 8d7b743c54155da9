"""How often an address and a user may try to connect, and who pays for it."""

import pytest
from django.contrib.auth import get_user_model

from django_aws_api_gateway_websockets.models import RateLimitBucket, WebSocketToken
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.clocks import Clock
from tests.app.echo import refusal
from tests.gateway import rows

pytestmark = pytest.mark.django_db

TOO_MANY = (400, "Too many connection attempts")


class LimitedView(WebSocketView):
    USE_WS_TOKEN = False


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def gateway(serve):
    """A gateway that clients of any number connect to."""
    return serve(LimitedView)


@pytest.fixture
def token():
    """Make tokens of one user."""
    alice = get_user_model().objects.create_user("alice", password="secret")
    return lambda: WebSocketToken.generate_token(alice, None).token


def connect_all(gateway, number, **options):
    """So many clients, one after the other: how many are admitted?"""
    before = len(rows())
    return sum(
        gateway.connect(f"client-{n}=", **options).status_code == 200
        for n in range(before, before + number)
    )


class TestAddress:
    def test_twenty_connects_a_minute_are_admitted(self, gateway):
        assert connect_all(gateway, 25) == 20

    def test_the_refused_client_learns_when_to_come_back(self, gateway, clock):
        connect_all(gateway, 20)
        clock.advance(1)

        response = gateway.connect()

        assert refusal(response) == TOO_MANY
        assert response["Retry-After"] == "2"

    @pytest.mark.parametrize(
        ("options", "text"),
        [
            ({"query": "ws_token=" + "0" * 64}, "Invalid or expired token"),
            ({"query": ""}, "Invalid or expired token"),
            ({"Origin": "https://elsewhere.example"}, "Host is not in Origin"),
            ({"query": "channel=a%20b"}, "Invalid channel"),
            ({"connection_id": "a b"}, "Invalid connection ID"),
        ],
    )
    def test_what_is_refused_is_an_attempt(self, serve, options, text):
        gateway = serve(WebSocketView)
        answers = [refusal(gateway.connect(**options)) for _ in range(25)]

        assert answers == [(400, text)] * 20 + [TOO_MANY] * 5

    def test_who_retries_all_the_time_is_admitted_again(self, gateway, clock):
        connect_all(gateway, 20)
        statuses = []
        for _ in range(24):
            clock.advance(2.5)
            statuses.append(gateway.connect(f"retry-{len(statuses)}=").status_code)

        assert statuses.count(200) == 20  # a minute's worth

    def test_thirty_clients_behind_one_address_all_get_in(self, gateway, clock):
        waiting = [f"client-{n}=" for n in range(30)]
        for _ in range(13):  # each tries every 2.5 seconds
            waiting = [
                each for each in waiting if gateway.connect(each).status_code != 200
            ]
            clock.advance(2.5)

        assert waiting == []

    def test_a_flood_is_one_row(self, gateway):
        connect_all(gateway, 30)

        assert RateLimitBucket.objects.count() == 1

    def test_another_address_has_attempts_of_its_own(self, gateway):
        connect_all(gateway, 25)

        assert connect_all(gateway, 25, X_Ws_Source_Ip="198.51.100.7") == 20

    def test_nobody_is_limited_where_the_address_is_not_known(self, gateway):
        assert connect_all(gateway, 25, X_Ws_Source_Ip=None) == 25


class TestUser:
    def test_has_so_many_attempts_from_all_addresses(self, serve, token):
        gateway = serve(WebSocketView)
        answers = [
            refusal(
                gateway.connect(
                    f"client-{n}=",
                    query=f"ws_token={token()}",
                    X_Ws_Source_Ip=f"198.51.100.{n}",
                )
            )
            for n in range(25)
        ]

        assert answers == [(200, "{}")] * 20 + [TOO_MANY] * 5

    def test_keeps_the_token_when_refused(self, serve, token, clock):
        gateway = serve(WebSocketView)
        for n in range(20):
            gateway.connect(f"client-{n}=", query=f"ws_token={token()}")
        other = {"query": f"ws_token={token()}", "X_Ws_Source_Ip": "198.51.100.7"}

        assert refusal(gateway.connect(**other)) == TOO_MANY
        assert WebSocketToken.objects.filter(used=False).count() == 1
        clock.advance(3)
        assert gateway.connect(**other).status_code == 200


class TestSettings:
    def test_the_limit_and_its_window(self, gateway, settings, clock):
        settings.WEBSOCKETS = {
            **settings.WEBSOCKETS,
            "rate_limit_max_attempts": 3,
            "rate_limit_window_minutes": 2,
        }

        assert connect_all(gateway, 5) == 3
        clock.advance(40)
        assert connect_all(gateway, 5) == 1

    def test_a_view_has_a_limit_of_its_own(self, serve, clock):
        class SlowView(LimitedView):
            RATE_LIMIT_MAX_ATTEMPTS = 2
            RATE_LIMIT_WINDOW_MINUTES = 10

        gateway = serve(SlowView)

        assert connect_all(gateway, 5) == 2
        clock.advance(5 * 60)
        assert connect_all(gateway, 5) == 1

    def test_a_view_may_be_without_any(self, serve):
        class FreeView(LimitedView):
            RATE_LIMIT_ENABLED = False

        assert connect_all(serve(FreeView), 25) == 25
        assert not RateLimitBucket.objects.exists()
