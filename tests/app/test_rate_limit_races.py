"""Of sixty at once exactly the limit is admitted: the clock stands still."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import path

from django_aws_api_gateway_websockets.models import WebSocketSession, WebSocketToken
from django_aws_api_gateway_websockets.views import WebSocketTokenView, WebSocketView
from tests.app.echo import refusal
from tests.app.test_races import at_once

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("clock"),
]

SIXTY = range(60)
LIMIT = 20


class PublicView(WebSocketView):
    USE_WS_TOKEN = False


@pytest.fixture
def alice():
    return get_user_model().objects.create_user("alice", password="secret")


def test_connects_of_one_address(serve):
    serve(PublicView)

    statuses = at_once(
        *[lambda gateway, n=n: gateway.connect(f"client-{n}=") for n in SIXTY]
    )

    assert sorted(statuses) == [200] * LIMIT + [400] * 40
    assert WebSocketSession.objects.count() == LIMIT


def test_connects_of_one_user_from_many_addresses(serve, alice):
    serve(WebSocketView)
    tokens = [WebSocketToken.generate_token(alice, None).token for _ in SIXTY]

    def connect(gateway, n):
        return gateway.connect(
            f"client-{n}=",
            query=f"ws_token={tokens[n]}",
            X_Ws_Source_Ip=f"198.51.100.{n}",
        )

    statuses = at_once(*[lambda gateway, n=n: connect(gateway, n) for n in SIXTY])

    assert sorted(statuses) == [200] * LIMIT + [400] * 40
    assert alice.websocket_sessions.count() == LIMIT
    assert alice.websocket_tokens.filter(used=True).count() == LIMIT


def test_token_requests_of_one_user(settings, client, alice):
    settings.ROOT_URLCONF = (path("token", WebSocketTokenView.as_view()),)
    client.force_login(alice)

    def ask(gateway):
        gateway.client.cookies = client.cookies
        return gateway.client.post("/token")

    statuses = at_once(*[ask] * 60)

    assert sorted(statuses) == [200] * LIMIT + [403] * 40
    assert alice.websocket_tokens.count() == LIMIT
    assert refusal(client.post("/token")) == (403, "Rate limit exceeded")
