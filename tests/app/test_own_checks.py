"""What a view demands of a connect, beside what all views do."""

import pytest
from django.contrib.auth.models import AnonymousUser

from django_aws_api_gateway_websockets import admission
from django_aws_api_gateway_websockets.exceptions import InvalidChannel, NotPermitted
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.echo import PublicView, refusal
from tests.app.logins import connect_with_token, cookie_of, logged_in, user_named
from tests.gateway import ALICE, BOB, rows

pytestmark = pytest.mark.django_db

UNKNOWN_GATEWAY = {"api_id": "unknown"}


def refused(answer, status, text):
    assert refusal(answer) == (status, text)
    assert rows() == []


class TestOwnWords:
    def test_refuse_a_client(self, serve):
        class MaintainedView(PublicView):
            def _additional_connection_checks(self, request, *args, **kwargs):
                return request.GET["channel"] == "staff", "Back at nine"

        gateway = serve(MaintainedView)

        refused(gateway.connect(query="channel=lobby"), 400, "Back at nine")
        assert gateway.connect(query="channel=staff").status_code == 200

    def test_come_after_all_other_checks(self, serve):
        class UnreachedView(PublicView):
            ALLOW_UNLISTED_CHANNELS = False

            def _additional_connection_checks(self, request, *args, **kwargs):
                raise AssertionError("this client is refused before")

        refused(serve(UnreachedView).connect(), 403, "Permission Denied")


class TestRequiredHeaders:
    @pytest.mark.parametrize("route", ["connect", "default", "disconnect"])
    @pytest.mark.parametrize("attribute", ["required_headers", "additional_required_headers"])  # fmt: skip
    def test_are_needed_for_each_event(self, serve, attribute, route):
        names = (*PublicView.required_headers, "X-Forwarded-Proto")
        gateway = serve(type("HeadersView", (PublicView,), {attribute: names}))

        refused(gateway.call(route), 400, "Invalid request headers")
        answer = gateway.call(route, X_Forwarded_Proto="https")
        assert answer.content != b"Invalid request headers"

    @pytest.mark.parametrize(
        ("headers", "text"),
        [
            ({}, "Missing 2 headers"),
            ({"Sec_Websocket_Version": "13"}, "Missing 1 headers"),
        ],
    )
    def test_of_a_handshake_are_counted_for_the_client(self, serve, headers, text):
        class HandshakeView(PublicView):
            required_connection_headers = ("Sec-Websocket-Version", "Origin")

        refused(serve(HandshakeView).connect(**headers), 400, text)

    def test_of_a_handshake_may_be_one_text(self, serve):
        class OriginView(PublicView):
            required_connection_headers = "Origin"

        gateway = serve(OriginView)

        refused(gateway.connect(), 400, "Missing 1 headers")
        answer = gateway.connect(Origin="https://site.example")
        assert answer.status_code == 200

    def test_of_a_handshake_are_not_needed_for_messages(self, serve):
        class OriginView(PublicView):
            required_connection_headers = ("Origin",)

        gateway = serve(OriginView)
        gateway.connect(Origin="https://site.example")

        assert gateway.message({"handler": "ping"}).status_code == 200
        assert gateway.disconnect().status_code == 200


class TestTheUserAgent:
    def test_of_a_connect_is_the_clients_own(self, serve):
        answer = serve(PublicView).connect(User_Agent="Mozilla/5.0")

        assert answer.status_code == 200

    def test_of_a_connect_is_looked_at_where_the_view_says_so(self, serve):
        class OwnAppView(PublicView):
            CHECK_CONNECT_USERAGENT = True
            expected_useragent_prefix = "OurApp/"

        gateway = serve(OwnAppView)

        for agent in ("Mozilla/5.0", "", None, "xOurApp/1"):
            answer = gateway.connect(User_Agent=agent)
            refused(answer, 400, "Invalid request headers")
        assert gateway.connect(User_Agent="OurApp/1").status_code == 200

    def test_of_other_events_is_the_gateways(self, serve):
        gateway = serve(PublicView)
        gateway.connect()

        answer = gateway.message({"handler": "ping"}, User_Agent="Mozilla/5.0")
        assert refusal(answer) == (400, "Invalid request headers")
        answer = gateway.disconnect(User_Agent="Mozilla/5.0")
        assert refusal(answer) == (400, "Invalid request headers")

    def test_of_other_events_may_have_another_prefix(self, serve):
        class ProxiedView(PublicView):
            expected_useragent_prefix = "OurProxy"

        gateway = serve(ProxiedView)
        gateway.connect()

        ping = {"handler": "ping"}
        assert gateway.message(ping, User_Agent="OurProxy/2").status_code == 200
        assert gateway.message(ping).status_code == 400


class TestTheTupleOfChecks:
    def test_is_extended(self, serve):
        def channel_is_not_full(attempt):
            if attempt.channel_name == "full":
                raise NotPermitted("the channel is full")

        class CrowdedView(PublicView):
            checks = (*PublicView.checks, channel_is_not_full)

        gateway = serve(CrowdedView)

        refused(gateway.connect(query="channel=full"), 403, "Permission Denied")
        assert gateway.connect(query="channel=lobby").status_code == 200

    def test_has_a_check_replaced(self, serve):
        def channel_is_the_path_of_a_room(attempt):
            name = attempt.request.GET.get("room", "")
            if not name.startswith("/"):
                raise InvalidChannel("no path")
            attempt.channel_name = name

        class RoomsView(PublicView):
            checks = tuple(
                channel_is_the_path_of_a_room
                if check is admission.channel_is_well_formed
                else check
                for check in PublicView.checks
            )

        gateway = serve(RoomsView)

        refused(gateway.connect(query="room=cellar"), 400, "Invalid channel")
        assert gateway.connect(query="room=/cellar").status_code == 200
        assert [row["channel_name"] for row in rows()] == ["/cellar"]

    def test_is_asked_in_its_order(self, serve):
        class BackwardsView(PublicView):
            checks = tuple(reversed(PublicView.checks))

        bad = {"query": "channel=", **UNKNOWN_GATEWAY}

        answer = serve(PublicView).connect(**bad)
        refused(answer, 400, "Invalid request headers")
        answer = serve(BackwardsView).connect(**bad)
        refused(answer, 400, "Invalid channel")

    def test_may_be_without_one(self, serve):
        class AnyOriginView(PublicView):
            checks = tuple(
                check
                for check in PublicView.checks
                if check is not admission.origin_is_allowed
            )

        elsewhere = {"Origin": "https://elsewhere.example"}

        refused(serve(PublicView).connect(**elsewhere), 400, "Host is not in Origin")
        assert serve(AnyOriginView).connect(ALICE, **elsewhere).status_code == 200

    @pytest.mark.parametrize(
        "checks",
        [
            [each for each in PublicView.checks if each != admission.user_is_permitted],
            [
                *(each for each in PublicView.checks if each != admission.user_is_permitted),
                admission.user_is_permitted,
            ],
        ],
        ids=["without user_is_permitted", "which is the last"],
    )  # fmt: skip
    def test_has_hooks_asked_about_who_connects(self, serve, checks):
        asked = []

        class MembersView(WebSocketView):
            def can_join_channel(self, request, channel_name):
                asked.append(request.user)
                return True

        MembersView.checks = tuple(checks)
        gateway = serve(MembersView)
        bob = logged_in(user_named("bob"))

        connect_with_token(gateway, Cookie="sessionid=unknown")
        MembersView.USE_WS_TOKEN = False
        gateway.connect("b=", Cookie=cookie_of(bob), Origin="https://site.example")
        gateway.connect("c=")

        assert asked == [user_named(), user_named("bob"), AnonymousUser()]

    def test_never_has_hooks_asked_about_a_cookie_that_was_not_looked_at(self, serve):
        class EarlyView(WebSocketView):
            checks = (admission.channel_can_be_joined, *WebSocketView.checks)

            def can_join_channel(self, request, channel_name):
                return request.user.is_authenticated

        answer = serve(EarlyView).connect(Cookie=cookie_of(logged_in()))

        refused(answer, 403, "Permission Denied")

    def test_has_hooks_asked_about_whom_a_check_has_found(self, serve):
        def user_is_alice(attempt):
            attempt.user = user_named()

        class AliceView(PublicView):
            checks = (user_is_alice, *PublicView.checks)
            ALLOW_UNLISTED_CHANNELS = False

            def can_join_channel(self, request, channel_name):
                return request.user.username == "alice"

        assert serve(AliceView).connect().status_code == 200

    def test_never_lets_in_whom_no_gateway_vouches_for(self, serve):
        class UncheckedView(PublicView):
            checks = ()

        gateway = serve(UncheckedView)

        refused(gateway.connect(secret="wrong"), 403, "Invalid request")
        answer = gateway.connect(BOB, **UNKNOWN_GATEWAY)
        refused(answer, 400, "Invalid request headers")
