"""What a user needs for messages, and for connects if the view says so."""

import pytest
from django.contrib.auth.models import AnonymousUser, Permission

from django_aws_api_gateway_websockets.routing import handler
from tests.app.echo import PublicView, refusal
from tests.app.logins import connect_with_token, user_named
from tests.gateway import ALICE, rows

pytestmark = pytest.mark.django_db

ADD, VIEW = "auth.add_user", "auth.view_user"


class MembersView(PublicView):
    USE_WS_TOKEN = True

    @handler
    def say(self, request, *args, **kwargs):
        return {"user": request.user.get_username()}


def alice_with(*names):
    """Alice, with these permissions and no others."""
    alice = user_named("alice")
    codenames = [name.removeprefix("auth.") for name in names]
    alice.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return alice


def status_of_a_message(gateway):
    return gateway.message({"handler": "say"}).status_code


FORMS = [ADD, (ADD,), [ADD], {ADD}]
IDS = ["text", "tuple", "list", "set"]


@pytest.mark.parametrize("required", FORMS, ids=IDS)
@pytest.mark.parametrize("option", ["permissions_required", "all_permissions_required"])
def test_each_option_is_a_text_or_several(serve, option, required):
    gateway = serve(type("RequiringView", (MembersView,), {option: required}))
    connect_with_token(gateway, user=alice_with(VIEW))
    assert status_of_a_message(gateway) == 403

    alice_with(ADD)
    assert status_of_a_message(gateway) == 200


class TestPermissionsRequired:
    def test_is_satisfied_by_any_one(self, serve):
        class AnyView(MembersView):
            permissions_required = (ADD, VIEW)

        gateway = serve(AnyView)
        connect_with_token(gateway, user=alice_with(VIEW))

        assert status_of_a_message(gateway) == 200

    def test_is_not_satisfied_by_a_part_of_a_name(self, serve):
        class TextView(MembersView):
            permissions_required = "auth.add_user_of_another_kind"

        gateway = serve(TextView)
        connect_with_token(gateway, user=alice_with(ADD))

        assert status_of_a_message(gateway) == 403


class TestAllPermissionsRequired:
    def test_is_satisfied_by_all_of_them_alone(self, serve):
        class AllView(MembersView):
            all_permissions_required = (ADD, VIEW)

        gateway = serve(AllView)
        connect_with_token(gateway, user=alice_with(VIEW))
        assert status_of_a_message(gateway) == 403

        alice_with(ADD, VIEW)
        assert status_of_a_message(gateway) == 200

    def test_comes_before_those_of_which_any_will_do(self, serve):
        class BothView(MembersView):
            permissions_required = (VIEW,)
            all_permissions_required = (ADD,)

        gateway = serve(BothView)
        connect_with_token(gateway, user=alice_with(VIEW))

        assert status_of_a_message(gateway) == 403


class AddersView(MembersView):
    permissions_required = ADD


class TestWithoutThePermission:
    @pytest.mark.django_db(transaction=True)  # messages go out
    def test_a_message_is_answered_by_an_error_frame(self, serve, transport):
        gateway = serve(AddersView)
        connect_with_token(gateway, user=alice_with())

        answer = gateway.message({"handler": "say", "id": "first"})

        assert refusal(answer) == (403, "Permission Denied")
        assert transport.messages_to(ALICE) == [
            {
                "type": "error",
                "id": "first",
                "code": "permission_denied",
                "message": "Permission Denied",
            }
        ]

    def test_a_client_connects_all_the_same(self, serve):
        gateway = serve(AddersView)

        assert connect_with_token(gateway, user=alice_with()).status_code == 200

    def test_a_client_cannot_connect_where_the_view_looks_at_connects(self, serve):
        class LookingView(AddersView):
            CHECK_PERMISSIONS_ON_CONNECT = True

        gateway = serve(LookingView)
        answer = connect_with_token(gateway, user=alice_with())
        assert refusal(answer) == (403, "Permission Denied")
        assert rows() == []

        assert connect_with_token(gateway, user=alice_with(ADD)).status_code == 200

    @pytest.mark.django_db(transaction=True)  # messages go out
    def test_a_heartbeat_is_answered(self, serve, transport):
        gateway = serve(AddersView)
        connect_with_token(gateway, user=alice_with())

        assert gateway.message({"handler": "ping"}).status_code == 200
        assert transport.messages_to(ALICE) == [{"type": "pong"}]

    def test_nobody_learns_which_handlers_there_are(self, serve):
        gateway = serve(AddersView)
        connect_with_token(gateway, user=alice_with())

        assert gateway.message({"handler": "there-is-none"}).status_code == 403


def test_a_permission_that_is_taken_away_is_missed_by_the_next_message(serve):
    gateway = serve(AddersView)
    connect_with_token(gateway, user=alice_with(ADD))
    assert status_of_a_message(gateway) == 200

    alice_with()

    assert status_of_a_message(gateway) == 403


@pytest.mark.django_db(transaction=True)  # messages go out
def test_the_user_of_a_handler_is_the_sessions(serve, transport):
    gateway = serve(MembersView)
    connect_with_token(gateway, user=user_named("alice"))

    gateway.message({"handler": "say"})

    assert transport.messages_to(ALICE)[0]["data"] == {"user": "alice"}


def test_the_user_of_a_handler_is_anonymous_without_a_login(serve):
    users = []

    class PublicUserView(PublicView):
        @handler
        def say(self, request, *args, **kwargs):
            users.append(request.user)

    gateway = serve(PublicUserView)
    gateway.connect()
    gateway.message({"handler": "say"})

    assert users == [AnonymousUser()]


@pytest.mark.parametrize("attribute", ["permissions_required", "all_permissions_required"])  # fmt: skip
def test_nobody_anonymous_has_a_permission(serve, attribute):
    gateway = serve(type("RequiringView", (PublicView,), {attribute: ADD}))
    gateway.connect()

    assert gateway.message({"handler": "ping"}).status_code == 200
    assert gateway.message({"handler": "say"}).status_code == 403
