"""What `self.websocket_session` is in methods that a view overrides."""

from typing import ClassVar

import pytest
from django.http import JsonResponse

from django_aws_api_gateway_websockets.models import ApiGateway, WebSocketSession
from tests.app.echo import PublicView
from tests.app.logins import connect_with_token, user_named
from tests.gateway import ALICE, session

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def found(monkeypatch):
    """The sessions that an AskingView has found, in their order."""
    found = []
    monkeypatch.setattr(AskingView, "found", found)
    return found


class AskingView(PublicView):
    USE_WS_TOKEN = True
    found: ClassVar = []

    def connect(self, request, *args, **kwargs):
        self.found.append(self.websocket_session)
        response = super().connect(request, *args, **kwargs)
        self.found.append(self.websocket_session)
        return response

    def disconnect(self, request, *args, **kwargs):
        self.found.append(self.websocket_session)
        return super().disconnect(request, *args, **kwargs)


def test_a_connect_has_none_before_it_is_admitted(serve, found):
    connect_with_token(serve(AskingView))

    assert found == [None, session()]


def test_a_connect_has_none_of_another_client(serve, found):
    gateway = serve(AskingView)
    connect_with_token(gateway)

    assert connect_with_token(gateway, ALICE).status_code == 400

    assert found == [None, session(), None]
    assert session().connected


def test_a_disconnect_has_that_of_the_client(serve, found, django_assert_num_queries):
    gateway = serve(AskingView)
    connect_with_token(gateway)

    with django_assert_num_queries(2):
        gateway.disconnect()
    with django_assert_num_queries(0):
        found_user = found[-1].user

    assert found[-1] == session()
    assert found_user == user_named()
    assert not session().connected


def test_a_disconnect_of_nobody_has_none(serve, found):
    assert serve(AskingView).disconnect().status_code == 200

    assert found == [None]


def test_a_disconnect_has_none_of_another_gateway(serve, found):
    gateway = serve(AskingView)
    connect_with_token(gateway)
    ApiGateway.objects.create(api_name="other", api_id="other")

    gateway.disconnect(api_id="other")

    assert found[-1] is None
    assert session().connected


def test_a_disconnect_that_raises_has_ended_the_session_all_the_same(serve):
    class BreakingView(PublicView):
        def disconnect(self, request, *args, **kwargs):
            raise RuntimeError(self.websocket_session.connection_id)

    gateway = serve(BreakingView)
    gateway.connect()

    assert gateway.disconnect().status_code == 500
    assert not WebSocketSession.objects.filter(connected=True).exists()


def test_a_connect_may_ask_and_refuse(serve):
    class ClosedView(PublicView):
        def connect(self, request, *args, **kwargs):
            return JsonResponse({}, status=503 if not self.websocket_session else 500)

    assert serve(ClosedView).connect().status_code == 503
    assert not WebSocketSession.objects.exists()
