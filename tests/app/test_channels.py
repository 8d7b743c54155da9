"""Which channel a client gets into."""

import pytest
from django.contrib.auth.models import Permission

from django_aws_api_gateway_websockets.models import ApiGateway, ChannelPermission
from tests.app.echo import EchoView, PublicView, refusal
from tests.app.logins import connect_with_token, user_named
from tests.gateway import BOB, rows, session

pytestmark = pytest.mark.django_db


class TestTheChannelOfAConnect:
    @pytest.mark.django_db(transaction=True)  # what is remembered is forgotten
    def test_is_the_gateways_where_none_is_asked_for(self, gateway):
        row = ApiGateway.objects.get()
        row.default_channel_name = "foyer"
        row.save()

        gateway.connect()

        assert session().channel_name == "foyer"

    def test_is_asked_for_by_the_query(self, gateway):
        gateway.connect(query="channel=Room_7-b")

        assert session().channel_name == "Room_7-b"

    @pytest.mark.parametrize(
        "query",
        [
            "channel=",
            "channel=%00",
            "channel=admin%0A",
            "channel=admin%00",
            "channel=%C3%A9t%C3%A9",
            "channel=%D9%A1",  # a digit, but in Arabic
            "channel=%FF%FE",
            "channel=a%20b",
            "channel=a.b",
            f"channel={'x' * 129}",
            "channel=lobby&channel=lobby",
            "channel=lobby&channel=",
        ],
    )
    def test_has_a_plain_name_once_or_there_is_no_session(self, gateway, query):
        answer = gateway.connect(query=query)

        assert refusal(answer) == (400, "Invalid channel")
        assert rows() == []

    def test_has_a_name_of_at_most_128_characters(self, gateway):
        assert gateway.connect(query=f"channel={'x' * 128}").status_code == 200


class TestUnlistedChannels:
    def test_are_open_to_all(self, gateway):
        assert gateway.connect(query="channel=anything").status_code == 200

    def test_are_closed_to_all_where_a_view_says_so(self, serve):
        class ListedOnlyView(PublicView):
            ALLOW_UNLISTED_CHANNELS = False

        ChannelPermission.objects.create(channel_name="lobby")
        gateway = serve(ListedOnlyView)

        assert gateway.connect(query="channel=lobby").status_code == 200
        answer = gateway.connect(BOB, query="channel=anything")
        assert refusal(answer) == (403, "Permission Denied")
        assert len(rows()) == 1


class TestAConnect:
    @pytest.fixture(params=["staff_only", "superuser_only", "permissions"])
    def closed_to_strangers(self, request):
        return ChannelPermission.objects.create(
            channel_name="lobby", access=request.param
        )

    def test_to_a_channel_that_is_closed_to_it_is_refused(
        self, gateway, closed_to_strangers
    ):
        answer = gateway.connect(query="channel=lobby")

        assert refusal(answer) == (403, "Permission Denied")
        assert rows() == []

    def test_reads_the_rule_in_one_statement(self, gateway, django_assert_num_queries):
        gateway.connect(BOB)  # then the gateway is known
        ChannelPermission.objects.create(channel_name="lobby")

        # The channel's permission and the session's row.
        with django_assert_num_queries(2):
            gateway.connect(query="channel=lobby")

    def test_of_a_user_with_the_permission_is_admitted(self, serve):
        class EditorsView(PublicView):
            USE_WS_TOKEN = True

        gateway = serve(EditorsView)
        channel = ChannelPermission.objects.create(
            channel_name="lobby", access="permissions"
        )
        view_user = Permission.objects.get(codename="view_user")
        channel.rules.create().permissions.add(view_user)
        user_named("alice").user_permissions.add(view_user)

        assert connect_with_token(gateway, user=user_named("alice")).status_code == 200
        answer = connect_with_token(gateway, BOB, user=user_named("bob"))
        assert refusal(answer) == (403, "Permission Denied")


def test_a_view_may_decide_itself_who_joins(serve):
    class OddRoomsView(PublicView):
        def can_join_channel(self, request, channel_name):
            return channel_name.startswith("odd") and super().can_join_channel(
                request, channel_name
            )

    ChannelPermission.objects.create(channel_name="odd-staff", access="staff_only")
    gateway = serve(OddRoomsView)

    statuses = [
        gateway.connect(f"{name}=", query=f"channel={name}").status_code
        for name in ("odd-lobby", "even-lobby", "odd-staff")
    ]

    assert statuses == [200, 403, 403]


def test_a_view_may_keep_its_rules_elsewhere(serve):
    class PrefixView(EchoView):
        def get_channel_permission(self, channel_name):
            prefix = channel_name.split("-")[0]
            return ChannelPermission.for_channel(prefix)

    ChannelPermission.objects.create(channel_name="staff", access="staff_only")
    gateway = serve(PrefixView)

    assert gateway.connect(query="channel=staff-7").status_code == 403
    assert gateway.connect(query="channel=other-7").status_code == 200
