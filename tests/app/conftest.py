from datetime import timedelta

import pytest
from django.utils import timezone

from django_aws_api_gateway_websockets.models import ApiGateway, WebSocketSession
from tests.app.echo import EchoView
from tests.app.lobby import BrokenTransport
from tests.app.old_rows import NOW


@pytest.fixture
def clock(monkeypatch):
    """It stands still."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def gateway(serve):
    """A gateway whose events reach the EchoView."""
    return serve(EchoView)


@pytest.fixture
def make_session():
    """Put clients into the lobby, as connected a while ago."""
    gateway = ApiGateway.objects.get()

    def make_session(connection_id="alice=", *, age=60, **fields):
        session = WebSocketSession.objects.create(
            connection_id=connection_id,
            **{"channel_name": "lobby", "api_gateway": gateway, **fields},
        )
        created_on = timezone.now() - timedelta(seconds=age)
        WebSocketSession.objects.filter(pk=session.pk).update(created_on=created_on)
        return WebSocketSession.objects.get(pk=session.pk)

    return make_session


@pytest.fixture
def broken_transport(settings):
    """No message can be sent at all."""
    settings.WEBSOCKETS = {
        **settings.WEBSOCKETS,
        "transport": f"{BrokenTransport.__module__}.BrokenTransport",
    }
