"""What is left of a token, or of the limit, when something of the project's fails."""

import pytest
from django.db import connection
from django.db.models.signals import post_save
from django.urls import path

from django_aws_api_gateway_websockets.models import RateLimitBucket, WebSocketToken
from django_aws_api_gateway_websockets.views import WebSocketTokenView
from tests.app.logins import logged_in, user_named

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def hear():
    """Connect a receiver to the tokens that are saved."""
    receivers = []

    def hear(receiver):
        receivers.append(receiver)
        post_save.connect(receiver, sender=WebSocketToken)

    yield hear
    for receiver in receivers:
        post_save.disconnect(receiver, sender=WebSocketToken)


def test_who_hears_of_saved_tokens_does_not_hear_their_values(hear):
    heard = []

    def note(instance, **signal):
        heard.append((instance.token, str(vars(instance)), str(signal)))

    hear(note)

    token = WebSocketToken.generate_token(user_named(), "key")

    [saved] = heard
    assert not any(token.token in text for text in saved)
    assert saved[0] == WebSocketToken.objects.values_list("token", flat=True).get()


@pytest.mark.parametrize("atomic_requests", [False, True])
def test_a_request_that_fails_counts_all_the_same(
    hear, settings, monkeypatch, atomic_requests
):
    settings.ROOT_URLCONF = (path("token/", WebSocketTokenView.as_view()),)
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", atomic_requests)
    alice = logged_in()

    def fail(**_signal):
        raise RuntimeError("a receiver of the project")

    hear(fail)

    assert alice.post("/token/", secure=True).status_code == 500
    assert RateLimitBucket.objects.count() == 1
