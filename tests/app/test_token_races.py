"""One token, and many connects at the same moment."""

from collections import Counter

import pytest

from django_aws_api_gateway_websockets.admission import CHECKS, token_is_used_up
from django_aws_api_gateway_websockets.models import WebSocketSession, WebSocketToken
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.echo import refusal
from tests.app.logins import connect_with_token, token_for
from tests.app.test_races import at_once
from tests.gateway import ALICE, BOB, Gateway, session

pytestmark = pytest.mark.django_db(transaction=True)


class CrowdedView(WebSocketView):
    RATE_LIMIT_MAX_ATTEMPTS = 100


@pytest.fixture(autouse=True)
def crowded(serve):
    serve(CrowdedView)


def overtaken_by(connect):
    """A view whose first connect meets another one just before it uses its token."""
    waiting = [connect]

    def let_the_other_pass(attempt):
        if waiting:
            waiting.pop()()

    place = CHECKS.index(token_is_used_up)

    class OvertakenView(WebSocketView):
        checks = (*CHECKS[:place], let_the_other_pass, *CHECKS[place:])

    return OvertakenView


@pytest.mark.parametrize(
    ("connection_id", "answer"),
    [(ALICE, (200, "{}")), (BOB, (400, "Invalid or expired token"))],
)
def test_a_connect_that_was_overtaken_is_answered_as_one_that_came_later(
    serve, connection_id, answer
):
    token = token_for()
    other = Gateway()
    gateway = serve(overtaken_by(lambda: connect_with_token(other, token=token)))

    response = connect_with_token(gateway, connection_id, token=token)

    assert refusal(response) == answer
    assert WebSocketSession.objects.get().connection_id == ALICE


def connects(number, *, token, connection_id):
    return at_once(
        *[
            lambda gateway, n=n: connect_with_token(
                gateway, connection_id(n), token=token
            )
            for n in range(number)
        ]
    )


def test_of_fifty_connects_with_one_token_one_is_admitted():
    token = token_for()

    statuses = connects(50, token=token, connection_id=lambda n: f"client-{n}=")

    assert Counter(statuses) == {200: 1, 400: 49}
    admitted = WebSocketSession.objects.get()
    assert admitted.connected
    assert WebSocketToken.objects.get().connection_id == admitted.connection_id


def test_ten_connects_of_one_client_make_one_session():
    token = token_for()

    statuses = connects(10, token=token, connection_id=lambda n: "alice=")

    # One that comes before the row is made cannot know that it will be.
    assert set(statuses) <= {200, 400}
    assert 200 in statuses
    assert session("alice=").connected


def test_a_client_with_ten_tokens_gets_one_session():
    tokens = [token_for() for _ in range(10)]

    statuses = at_once(
        *[lambda gateway, t=t: connect_with_token(gateway, token=t) for t in tokens]
    )

    assert Counter(statuses) == {200: 1, 400: 9}
    assert WebSocketSession.objects.count() == 1
