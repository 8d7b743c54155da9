"""A client moves to another channel by a message."""

import pytest

from django_aws_api_gateway_websockets.exceptions import NotPermitted
from django_aws_api_gateway_websockets.models import ChannelPermission, WebSocketSession
from tests.app.echo import EchoView, PublicView, refusal
from tests.app.lobby import everybody
from tests.gateway import ALICE, BOB, rows, session

pytestmark = pytest.mark.django_db(transaction=True)

TO_THE_KITCHEN = {"handler": "change_channel", "id": 7, "channel": "kitchen"}


@pytest.fixture
def in_the_lobby(gateway):
    """Alice and Bob are in the lobby."""
    for connection_id in (ALICE, BOB):
        gateway.connect(connection_id, query="channel=lobby")
    return gateway


def in_the_kitchen():
    return WebSocketSession.objects.filter(channel_name="kitchen")


def only_frame(transport):
    [frame] = transport.messages_to(ALICE)
    return frame


class TestMoving:
    def test_is_told_to_the_client(self, in_the_lobby, transport):
        answer = in_the_lobby.message(TO_THE_KITCHEN)

        assert (answer.status_code, answer.json()) == (200, {})
        assert only_frame(transport) == {
            "type": "reply",
            "id": 7,
            "data": {"channel": "kitchen"},
        }

    def test_moves_the_client_and_nobody_else(self, in_the_lobby, transport):
        in_the_lobby.message(TO_THE_KITCHEN)

        assert session(ALICE).channel_name == "kitchen"
        assert session(BOB).channel_name == "lobby"

    def test_lets_the_client_hear_the_new_channel_only(self, in_the_lobby, transport):
        in_the_lobby.message(TO_THE_KITCHEN)
        transport.clear()

        everybody().send_message({"said": "in the lobby"})
        in_the_kitchen().send_message({"said": "in the kitchen"})

        assert transport.messages_to(ALICE) == [{"said": "in the kitchen"}]
        assert transport.messages_to(BOB) == [{"said": "in the lobby"}]

    def test_holds_for_the_messages_that_follow(self, serve, transport):
        class WhereView(EchoView):
            def default(self, request, *args, **kwargs):
                return {"channel": self.websocket_session.channel_name}

        gateway = serve(WhereView)
        gateway.connect(query="channel=lobby")

        gateway.message(TO_THE_KITCHEN)
        gateway.message({"handler": "where"})

        replies = [frame["data"] for frame in transport.messages_to(ALICE)]
        assert replies == [{"channel": "kitchen"}] * 2

    def test_takes_four_statements(self, in_the_lobby, django_assert_num_queries):
        # The session with its user, its count, the channel's permission, the move.
        with django_assert_num_queries(4):
            in_the_lobby.message(TO_THE_KITCHEN)

    def test_to_where_the_client_is_changes_nothing(self, in_the_lobby, transport):
        before = rows()

        in_the_lobby.message({"handler": "change_channel", "channel": "lobby"})

        assert rows() == before


class TestARefusedMove:
    @pytest.mark.parametrize(
        "name",
        [
            "",
            "admin\n",
            "a\0b",
            "a b",
            "été",
            "\ud800",
            "x" * 129,
            None,
            7,
            True,
            ["kitchen"],
            {"channel": "kitchen"},
        ],
    )
    def test_names_no_channel(self, in_the_lobby, transport, name):
        before = rows()

        answer = in_the_lobby.message({"handler": "change_channel", "channel": name})

        assert refusal(answer) == (400, "Invalid channel")
        assert only_frame(transport) == {
            "type": "error",
            "code": "invalid_channel",
            "message": "Invalid channel",
        }
        assert rows() == before

    def test_says_nothing_of_a_channel(self, in_the_lobby):
        answer = in_the_lobby.message({"handler": "change_channel"})

        assert refusal(answer) == (400, "Invalid channel")

    @pytest.mark.parametrize("access", ["staff_only", "superuser_only", "permissions"])
    def test_is_to_a_channel_that_is_closed_to_it(
        self, in_the_lobby, transport, access
    ):
        ChannelPermission.objects.create(channel_name="kitchen", access=access)
        before = rows()

        answer = in_the_lobby.message(TO_THE_KITCHEN)

        assert refusal(answer) == (403, "Permission Denied")
        assert only_frame(transport) == {
            "type": "error",
            "id": 7,
            "code": "permission_denied",
            "message": "Permission Denied",
        }
        assert rows() == before

    def test_is_to_an_unlisted_channel(self, serve, transport):
        class ListedOnlyView(PublicView):
            ALLOW_UNLISTED_CHANNELS = False

        ChannelPermission.objects.create(channel_name="lobby")
        gateway = serve(ListedOnlyView)
        gateway.connect(query="channel=lobby")

        assert gateway.message(TO_THE_KITCHEN).status_code == 403
        assert session().channel_name == "lobby"


class TestAView:
    def test_may_do_more_when_a_client_moves(self, serve, transport):
        class ToldView(PublicView):
            def change_channel(self, request, *args, **kwargs):
                reply = super().change_channel(request, *args, **kwargs)
                return {**reply, "people": in_the_kitchen().count()}

        gateway = serve(ToldView)
        gateway.connect(query="channel=lobby")

        gateway.message(TO_THE_KITCHEN)

        assert only_frame(transport)["data"] == {"channel": "kitchen", "people": 1}

    def test_may_forbid_one_channel(self, serve):
        class NoKitchenView(PublicView):
            def can_join_channel(self, request, channel_name):
                return channel_name != "kitchen"

        gateway = serve(NoKitchenView)
        gateway.connect(query="channel=lobby")

        assert gateway.message(TO_THE_KITCHEN).status_code == 403
        assert session().channel_name == "lobby"

    def test_may_forbid_all_moves(self, serve, transport):
        class SettledView(PublicView):
            def change_channel(self, request, *args, **kwargs):
                raise NotPermitted("nobody moves here")

        gateway = serve(SettledView)
        gateway.connect(query="channel=lobby")

        answer = gateway.message(TO_THE_KITCHEN)

        assert refusal(answer) == (403, "Permission Denied")
        assert only_frame(transport)["code"] == "permission_denied"
        assert session().channel_name == "lobby"

    def test_may_give_channels_names_of_its_own(self, serve):
        class DottedView(PublicView):
            CHANNEL_NAME_PATTERN = r"[a-z.]+"
            MAX_CHANNEL_NAME_LENGTH = 10

        gateway = serve(DottedView)
        gateway.connect(query="channel=a.lobby")

        move = {"handler": "change_channel"}
        assert gateway.message({**move, "channel": "b.kitchen"}).status_code == 200
        assert gateway.message({**move, "channel": "kitchen-7"}).status_code == 400
        assert gateway.message({**move, "channel": "a.long.name"}).status_code == 400
        assert session().channel_name == "b.kitchen"
