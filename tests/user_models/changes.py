"""What happens to users by other models; run by tests/app/test_user_models.py."""

import pytest
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.db.models.deletion import Collector

from django_aws_api_gateway_websockets.models import WebSocketToken
from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.logins import connect_with_token
from tests.gateway import ALICE, session
from tests.user_models.models import Driver, Member

pytestmark = pytest.mark.django_db(transaction=True)


class SilentView(WebSocketView):
    @handler
    def silent(self, request, *args, **kwargs):
        return None


@pytest.fixture(params=[User, Member, Driver])
def model(request):
    return request.param


@pytest.fixture
def gateway(serve, model):
    """Alice, who is one of these, is connected."""
    gateway = serve(SilentView)
    user = User.objects.get(pk=model.objects.create(username="alice").pk)
    assert connect_with_token(gateway, user=user).status_code == 200
    return gateway


def assert_ended(gateway, transport, reason):
    [goodbye] = transport.messages_to(ALICE)
    assert goodbye["reason"] == reason
    assert transport.hung_up == [ALICE]
    assert gateway.message({"handler": "silent"}).status_code == 400


def test_who_is_deactivated_is_hung_up_on(gateway, transport, model):
    user = model.objects.get(username="alice")
    user.is_active = False
    user.save()

    assert_ended(gateway, transport, "deactivated")
    assert session().closed_reason == "deactivated"


def test_who_has_another_password_is_hung_up_on(gateway, transport, model):
    user = model.objects.get(username="alice")
    user.set_password("another")
    user.save()

    assert_ended(gateway, transport, "password")


@pytest.mark.parametrize("many", [False, True])
def test_who_is_deleted_is_hung_up_on(gateway, transport, model, many):
    users = model.objects.filter(username="alice")
    (users if many else users.get()).delete()

    assert_ended(gateway, transport, "deactivated")


@pytest.mark.parametrize("other", [Session, WebSocketToken, Group.permissions.through])
def test_other_models_are_deleted_as_fast_as_before(other):
    assert Collector(using="default").can_fast_delete(other.objects.all())
