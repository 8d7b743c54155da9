"""A user is deactivated or deleted, or has another password: the sockets end with it."""

import pytest
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpResponse
from django.urls import path

from django_aws_api_gateway_websockets.models import ApiGateway, WebSocketSession
from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.logins import connect_with_token, logged_in, token_for, user_named
from tests.gateway import ALICE, BOB, Gateway, session

pytestmark = pytest.mark.django_db(transaction=True)

FOR_GOOD = {"type": "goodbye", "reason": "deactivated", "reconnect": False}
NEW_PASSWORD = {"type": "goodbye", "reason": "password", "reconnect": True}


class SilentView(WebSocketView):
    RATE_LIMIT_ENABLED = False

    @handler
    def silent(self, request, *args, **kwargs):
        return None


def change_password(request):
    request.user.set_password("another")
    request.user.save()
    update_session_auth_hash(request, request.user)
    return HttpResponse()


@pytest.fixture
def gateway(settings):
    settings.ROOT_URLCONF = (
        path("ws/<slug:route>", SilentView.as_view()),
        path("change-password", change_password),
    )
    return Gateway()


@pytest.fixture
def user(gateway):
    """Alice, who is connected; bob is as well."""
    connect_with_token(gateway, BOB, user=user_named("bob"))
    assert connect_with_token(gateway).status_code == 200
    return User.objects.get(username="alice")


def say_nothing(gateway, connection_id=ALICE):
    return gateway.message({"handler": "silent"}, connection_id).status_code


class TestADeactivatedUser:
    @pytest.mark.parametrize("update_fields", [None, ["is_active"], {"is_active"}])
    def test_is_hung_up_on(self, gateway, transport, user, update_fields):
        user.is_active = False
        user.save(update_fields=update_fields)

        assert [post.message for post in transport.posts] == [FOR_GOOD]
        assert transport.hung_up == [ALICE]
        assert session().closed_reason == "deactivated"
        assert say_nothing(gateway) == 400
        assert say_nothing(gateway, BOB) == 200

    def test_stays_while_it_is_not_saved(self, transport, user):
        user.is_active = False
        user.save(update_fields=["last_name"])

        assert session().connected
        assert transport.posts == []

    def test_does_not_come_back_by_what_comes_late(self, gateway, transport, user):
        user.is_active = False
        user.save()
        user.is_active = True
        user.save()

        assert say_nothing(gateway) == 400
        assert gateway.disconnect().status_code == 200
        assert session().closed_reason == "deactivated"

    def test_that_seemed_gone_stays_away(self, gateway, transport, user):
        WebSocketSession.objects.close_as_gone([session().pk])
        closed_on = session().closed_on

        user.is_active = False
        user.save()
        user.is_active = True
        user.save()

        assert say_nothing(gateway) == 400
        assert (session().closed_reason, session().closed_on) == (
            "deactivated",
            closed_on,
        )
        assert transport.posts == []


class TestAnotherPassword:
    @pytest.mark.parametrize("update_fields", [None, ["password"]])
    def test_hangs_up_on_clients_that_may_come_back(
        self, gateway, transport, user, update_fields
    ):
        user.set_password("another")
        user.save(update_fields=update_fields)

        assert transport.messages_to(ALICE) == [NEW_PASSWORD]
        assert transport.hung_up == [ALICE]
        assert session().closed_reason == "password"
        assert say_nothing(gateway) == 400
        assert say_nothing(gateway, BOB) == 200

    def test_keeps_the_login_that_has_changed_it(self, gateway, transport, user):
        browser = logged_in(user)
        connect_with_token(gateway, "before=", token=token_for(client=browser))

        browser.post("/change-password", secure=True)

        assert sorted(transport.hung_up) == sorted([ALICE, "before="])
        user.refresh_from_db()
        token = token_for(user, browser)
        assert connect_with_token(gateway, "after=", token=token).status_code == 200
        user.save()
        assert say_nothing(gateway, "after=") == 200

    def test_ends_the_tokens_of_the_one_before(self, gateway, user):
        token = token_for(user)
        user.set_password("another")
        user.save()

        assert connect_with_token(gateway, "late=", token=token).status_code == 400


class TestADeletedUser:
    @pytest.mark.parametrize("delete", [User.delete, lambda user: delete_all(user.pk)])
    def test_is_hung_up_on_and_refused(self, gateway, transport, user, delete):
        delete(user)

        assert transport.messages_to(ALICE) == [FOR_GOOD]
        assert transport.hung_up == [ALICE]
        response = gateway.message({"handler": "silent"})
        assert response.status_code == 400
        assert response.content == b"Invalid connection ID"
        assert gateway.disconnect().status_code == 200


def delete_all(pk):
    User.objects.filter(pk=pk).delete()


def test_the_clients_of_a_deleted_gateway_may_come_back(gateway, transport, user):
    ApiGateway.objects.get().delete()

    assert sorted(transport.hung_up) == sorted([ALICE, BOB])
    assert transport.messages_to(ALICE) == [
        {"type": "goodbye", "reason": "gateway", "reconnect": True}
    ]
    assert session().closed_reason == "gateway"
    assert say_nothing(gateway) == 400


class TestInATransaction:
    def test_the_commit_comes_first(self, transport, user):
        with transaction.atomic():
            user.is_active = False
            user.save()
            assert transport.posts == []

        assert transport.hung_up == [ALICE]

    def test_a_rollback_hangs_up_on_nobody(self, transport, user):
        with transaction.atomic():
            user.is_active = False
            user.save()
            user.delete()
            transaction.set_rollback(True)

        assert transport.posts == []
        assert transport.hung_up == []
        assert session().connected


@pytest.mark.usefixtures("gateway")
def test_saving_a_user_without_sockets_costs_two_statements(
    django_assert_num_queries,
):
    user = user_named("carol")

    with django_assert_num_queries(3):  # one is the user's own
        user.save()
    with django_assert_num_queries(1):
        user.save(update_fields=["last_login"])
