"""The line in the log that each event is: what came, and what came of it."""

import json
import logging
from urllib.parse import quote

import pytest
from django.http import HttpResponse, JsonResponse
from django.urls import re_path

from tests.app.echo import EchoView, PublicView
from tests.app.lambda_events import ADAPTERS, Context, gateway_event
from tests.app.logins import connect_with_token, token_for, user_named
from tests.gateway import ALICE, BOB
from tests.handlers.events import websocket_event

pytestmark = pytest.mark.django_db(transaction=True)


class TokenView(EchoView):
    USE_WS_TOKEN = True


@pytest.fixture
def lines(caplog):
    """The arguments of the lines so far, of which each event has one."""

    def lines():
        records = caplog.records
        assert {each.name for each in records} <= {
            "django_aws_api_gateway_websockets.views"
        }
        return [record.args for record in records]

    return lines


@pytest.fixture
def line(lines, caplog):
    def line():
        [line] = lines()
        caplog.clear()
        return line

    return line


class TestEachEvent:
    def test_is_one_line_with_all_that_matters(self, serve, transport, line):
        gateway = serve(TokenView)
        user = user_named("alice")
        token = token_for(user)

        connect_with_token(gateway, token=token)
        assert token not in json.dumps(first := line())
        assert first.pop("milliseconds") > 0
        assert first.pop("statements") > 1
        assert first == {
            "outcome": "connected",
            "status": 200,
            "connection": ALICE,
            "route": "connect",
            "handler": "",
            "user": str(user.pk),
            "request": "",
            "reason": "",
        }

        connect_with_token(gateway, token=token)
        assert line()["outcome"] == "repeated"

        gateway.message({"handler": "echo", "text": "what was said"})
        handled = line()
        assert (handled["outcome"], handled["handler"]) == ("handled", "echo")
        assert (handled["statements"], handled["user"]) == (2, str(user.pk))
        assert "what was said" not in json.dumps(handled)

        gateway.message({"handler": "ping"})
        assert line()["handler"] == "ping"

        gateway.message({"handler": "unknown"})
        refused = line()
        assert (refused["outcome"], refused["status"]) == ("refused", 400)
        assert refused["reason"].startswith("Invalid request format (1): no handler")

        gateway.message({"handler": "breaks"})
        failed = line()
        assert (failed["outcome"], failed["status"]) == ("failed", 500)
        assert (failed["handler"], failed["reason"]) == ("breaks", "RuntimeError")

        gateway.disconnect()
        gone = line()
        assert (gone["outcome"], gone["statements"]) == ("disconnected", 1)

    def test_has_plain_values_for_formatters(self, gateway, line):
        gateway.connect()

        assert {type(value) for value in line().values()} == {str, int, float}

    def test_has_the_level_of_what_came_of_it(self, gateway, transport, caplog):
        gateway.connect()
        gateway.message({"handler": "unknown"})
        gateway.message({"handler": "breaks"})
        gateway.disconnect()

        assert [record.levelno for record in caplog.records] == [
            logging.INFO,
            logging.WARNING,
            logging.ERROR,
            logging.INFO,
        ]

    def test_of_a_refused_connect_names_the_user(self, serve, line):
        class ClosedView(TokenView):
            def can_join_channel(self, request, channel_name):
                return False

        user = user_named("alice")
        connect_with_token(serve(ClosedView), user=user)

        refused = line()
        assert (refused["outcome"], refused["user"]) == ("refused", str(user.pk))

    def test_says_that_an_override_refused_a_client(self, serve, line):
        class PickyView(PublicView):
            def connect(self, request, *args, **kwargs):
                super().connect(request, *args, **kwargs)
                return JsonResponse({}, status=403)

        serve(PickyView).connect()

        refused = line()
        assert (refused["outcome"], refused["status"]) == ("refused", 403)
        assert refused["reason"] == "Forbidden: PickyView.connect answered 403"

    @pytest.mark.parametrize(
        ("query", "reason"),
        [
            ("", "the address has no ws_token, and TokenView does not say USE_WS_TOKEN = False"),
            ("ws_token=a&ws_token=b", "there are 2 tokens"),
        ],
    )  # fmt: skip
    def test_says_what_is_wrong_with_the_token(self, serve, line, query, reason):
        serve(TokenView).connect(query=query)

        assert line()["reason"] == f"Invalid or expired token: {reason}"

    def test_is_the_only_one_whatever_a_handler_answers(self, serve, lines):
        class TeapotView(PublicView):
            def default(self, request, *args, **kwargs):
                return HttpResponse(status=self.body["status"])

        gateway = serve(TeapotView)
        gateway.connect()
        for status in (404, 418, 500):
            gateway.message({"action": "brew", "status": status})

        assert [line["status"] for line in lines()] == [200, 404, 418, 500]


class TestRequestId:
    @pytest.mark.parametrize("call", ADAPTERS)
    def test_is_that_of_the_invocation(self, serve, transport, line, call):
        serve(EchoView)

        call(gateway_event("connect"), Context())

        assert line()["request"] == Context.aws_request_id

    def test_is_there_without_an_http_api_between(self, serve, transport, line):
        from lambda_handlers.websocket_api import handler

        serve(EchoView)

        handler(websocket_event("CONNECT"), Context())

        assert line()["request"] == Context.aws_request_id


HOSTILE = "a\nERROR b\r\x1b[2J\u2028\u202e c=d"
LONG = "x" * 10_000


class TestTextsOfClients:
    """None of them ends the line, makes another value up, or fills the log."""

    def is_one_line(self, caplog):
        [record] = caplog.records
        message = record.getMessage()
        assert message.isprintable()
        assert len(message) < 1_200
        words = message.partition(" reason=")[0].split(" ")
        assert [word.partition("=")[0] for word in words[2:]] == [
            "connection",
            "route",
            "handler",
            "user",
            "ms",
            "statements",
            "request",
        ]

    @pytest.mark.parametrize("text", [HOSTILE, LONG], ids=["hostile", "long"])
    @pytest.mark.parametrize("secret", [None, "wrong"])
    def test_in_a_request_of_a_stranger(self, gateway, caplog, text, secret):
        gateway.connect(text, secret=secret, X_Ws_Api_Id=text, Origin=text)

        self.is_one_line(caplog)

    @pytest.mark.parametrize("text", [HOSTILE, LONG], ids=["hostile", "long"])
    @pytest.mark.parametrize(
        "header",
        ["Connectionid", "X_Ws_Api_Id", "X_Ws_Event_Type", "X_Ws_Source_Ip", "Origin"],
    )
    @pytest.mark.parametrize("route", ["connect", "default", "disconnect"])
    def test_in_a_header(self, gateway, caplog, route, header, text):
        gateway.call(route, b"{}", **{header: text})

        self.is_one_line(caplog)

    @pytest.mark.parametrize("text", [HOSTILE, LONG], ids=["hostile", "long"])
    def test_in_the_route(self, serve, settings, caplog, text):
        gateway = serve(EchoView)
        anything = re_path(r"(?s)^ws/(?P<route>.*)$", EchoView.as_view())
        settings.ROOT_URLCONF = (anything,)

        gateway.call(quote(text), secret="wrong")

        self.is_one_line(caplog)

    @pytest.mark.parametrize("text", [HOSTILE, LONG], ids=["hostile", "long"])
    def test_in_a_message(self, gateway, transport, caplog, text):
        gateway.connect()

        for message in (
            {"handler": text},
            {"action": text, "id": text},
            {"handler": "change_channel", "channel": text},
        ):
            caplog.clear()
            assert gateway.message(message).status_code == 400
            self.is_one_line(caplog)

    def test_in_a_channel_whose_name_may_be_anything(self, serve, caplog):
        class AnyChannelView(PublicView):
            CHANNEL_NAME_PATTERN = r"(?s).*"
            MAX_CHANNEL_NAME_LENGTH = 20_000
            ALLOW_UNLISTED_CHANNELS = False

        serve(AnyChannelView).connect(BOB, query=f"channel={LONG}%0Ab%20c")

        self.is_one_line(caplog)
