"""A project may read from a replica, which is a moment behind: the app does not."""

import pytest
from django.contrib.auth.models import User

from django_aws_api_gateway_websockets.models import WebSocketSession, WebSocketToken
from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.lobby import HELLO, everybody
from tests.app.logins import connect_with_token

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("transport"),
]


class ReplicaRouter:
    """Whoever reads these from the replica finds that there is none."""

    def db_for_read(self, model, **hints):
        is_ours = model in {User, WebSocketSession, WebSocketToken}
        return "replica" if is_ours else None

    def db_for_write(self, model, **hints):
        return "default"


class WhoView(WebSocketView):
    @handler
    def whoami(self, request, *args, **kwargs):
        return {"name": request.user.username}


@pytest.fixture
def gateway(serve):
    return serve(WhoView)


@pytest.fixture(autouse=True)
def replica(settings):
    settings.DATABASE_ROUTERS = [f"{__name__}.ReplicaRouter"]


@pytest.fixture
def alice():
    return User.objects.db_manager("default").create_user("alice", password="secret")


def test_a_user_of_this_moment_may_connect_and_write(gateway, alice):
    assert connect_with_token(gateway, user=alice).status_code == 200
    assert gateway.message({"handler": "whoami"}).status_code == 200


def test_a_user_deactivated_this_moment_may_not(gateway, alice):
    connect_with_token(gateway, user=alice)
    User.objects.using("default").update(is_active=False)

    assert gateway.message({"handler": "whoami"}).status_code == 400


def test_a_message_reaches_who_has_connected_this_moment(gateway, alice):
    connect_with_token(gateway, user=alice)

    assert everybody().send_message(HELLO).sent == 1
