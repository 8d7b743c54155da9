"""Events of the WebSocket API, without an HTTP API between."""

import base64
import json

import pytest
from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from lambda_handlers.event_members import UnknownEvent
from lambda_handlers.http_api import handler as http_handler
from lambda_handlers.websocket_api import handler
from tests.gateway import ALICE, rows, session
from tests.handlers.events import http_event, websocket_event

pytestmark = pytest.mark.django_db(transaction=True)

ORIGIN = {"Origin": ["https://site.example"]}


@pytest.fixture(autouse=True)
def lambda_integration(settings):
    """There is no secret: only the mark of the function is believed."""
    settings.WEBSOCKETS = {**settings.WEBSOCKETS, "gateway_secret": None}


@pytest.fixture
def received(settings):
    """What Django sees of the request that an event becomes."""
    settings.ALLOWED_HOSTS = ["site.example"]

    @csrf_exempt
    def show(request, route):
        return JsonResponse(
            {
                "route": route,
                "method": request.method,
                "host": request.get_host(),
                "scheme": request.scheme,
                "headers": dict(request.headers),
                "cookies": request.COOKIES,
                "query": dict(request.GET.lists()),
                "body": request.body.decode(),
                "trusted": request.META.get("gateway.trusted"),
                "address": request.META["REMOTE_ADDR"],
            }
        )

    settings.ROOT_URLCONF = (path("ws/<path:route>", show),)
    return lambda event: json.loads(handler(event, None)["body"])


def test_a_session_lives_through_its_events(transport):
    for event in (
        websocket_event("CONNECT", headers=ORIGIN, query={"channel": ["lobby"]}),
        websocket_event("MESSAGE", body='{"handler": "ping"}'),
        websocket_event("DISCONNECT"),
    ):
        answer = handler(event, None)
        assert sorted(answer) == ["body", "headers", "isBase64Encoded", "statusCode"]
        assert (answer["statusCode"], answer["body"]) == (200, "{}")

    assert [post.message for post in transport.posts] == [{"type": "pong"}]
    assert session().channel_name == "lobby"
    assert session().closed_reason == "disconnect"


class TestTheRequest:
    def test_of_a_connect_is_what_an_http_integration_makes(self, received):
        request = received(
            websocket_event(
                "CONNECT",
                headers={
                    **ORIGIN,
                    "Cookie": ["sessionid=abc; csrftoken=def"],
                    "User-Agent": ["a browser"],
                    "X-Twice": ["1", "2"],
                },
                query={"channel": ["lobby"], "x": ["a b", "c&d"]},
            )
        )

        assert request["route"] == "connect"
        assert request["method"] == "POST"
        assert request["host"] == "site.example"
        assert request["scheme"] == "https"
        assert request["trusted"] is True
        assert request["address"] == "203.0.113.50"
        assert request["cookies"] == {"sessionid": "abc", "csrftoken": "def"}
        assert request["query"] == {"channel": ["lobby"], "x": ["a b", "c&d"]}
        assert request["body"] == ""
        headers = request["headers"]
        assert headers["Origin"] == "https://site.example"
        assert headers["User-Agent"] == "a browser"
        assert headers["X-Twice"] == "1,2"
        assert headers["Connectionid"] == ALICE
        assert headers["X-Ws-Event-Type"] == "CONNECT"
        assert headers["X-Ws-Source-Ip"] == "203.0.113.50"
        assert headers["X-Ws-Api-Id"] == "api123"
        assert headers["X-Amzn-Apigateway-Api-Id"] == "api123"

    @pytest.mark.parametrize(
        "name",
        [
            "connectionid",
            "ConnectionId",
            "X-Ws-Source-Ip",
            "x-ws-api-id",
            "X-AMZN-APIGATEWAY-API-ID",
            "x-ws-event-type",
            "Host",
            "x_ws_source_ip",
            "X_Ws-Api-Id",
            "gateway.trusted",
        ],
    )
    def test_has_the_mapped_headers_whatever_the_client_sent(self, received, name):
        honest = received(websocket_event("CONNECT"))

        forged = received(websocket_event("CONNECT", headers={name: ["forged"]}))

        for header, value in honest["headers"].items():
            assert forged["headers"][header] == value

    @pytest.mark.parametrize(
        "name", ["X-Ws-Gateway-Secret", "x_ws_gateway_secret", "X_Forwarded-For"]
    )
    def test_lacks_what_a_client_must_not_say(self, received, name):
        request = received(websocket_event("CONNECT", headers={name: ["forged"]}))

        assert "forged" not in request["headers"].values()

    @pytest.mark.parametrize("name", ["headers", "multiValueHeaders"])
    def test_may_come_without_headers(self, received, name):
        event = websocket_event("CONNECT", headers={"X-Kept": ["1"]})
        event[name] = None

        assert received(event)["headers"]["X-Kept"] == "1"

    def test_of_a_message_has_its_text_and_no_more(self, received):
        request = received(websocket_event("MESSAGE", body='{"a": "é"}'))

        assert request["route"] == "default"
        assert request["body"] == '{"a": "é"}'
        assert request["query"] == request["cookies"] == {}
        assert request["headers"]["X-Ws-Event-Type"] == "MESSAGE"
        assert request["headers"]["User-Agent"] == "AmazonAPIGateway_api123"
        assert request["headers"]["Content-Type"] == "application/json"

    def test_of_a_disconnect_has_none_of_its_headers(self, received):
        event = websocket_event("DISCONNECT")
        event["headers"] = {"x-api-key": "", "X-Forwarded-For": ""}

        request = received(event)

        assert request["route"] == "disconnect"
        assert "X-Api-Key" not in request["headers"]

    @pytest.mark.parametrize(
        "route_key", ["echo", "a b", "a/b", "ä", "..", "a?b#c", "%2e"]
    )
    def test_of_a_custom_route_names_it(self, received, route_key):
        request = received(websocket_event("MESSAGE", route_key=route_key, body="{}"))

        assert request["route"] == route_key


class TestBadInput:
    @pytest.mark.parametrize(
        ("event", "missing"),
        [
            ({}, ["connectionId", "eventType", "routeKey", "apiId"]),
            (http_event("/"), ["connectionId", "eventType", "routeKey", "apiId"]),
            (
                {"requestContext": {"connectionId": "a="}},
                ["eventType", "routeKey", "apiId"],
            ),
        ],
    )
    def test_another_event_is_an_error_that_says_what_is_missing(self, event, missing):
        names = ", ".join(f"requestContext.{name}" for name in missing)

        with pytest.raises(UnknownEvent, match=f"it lacks {names}, or"):
            handler(event, None)

    def test_another_type_of_event_is_an_error(self):
        with pytest.raises(UnknownEvent, match="'AUTHORIZE'"):
            handler(websocket_event("AUTHORIZE"), None)

    @pytest.mark.parametrize(
        ("event", "text"),
        [
            (
                websocket_event("CONNECT", headers={"Origin": ["https://evil.ex"]}),
                "Host is not in Origin",
            ),
            (websocket_event("CONNECT", query={"channel": ["a\n"]}), "Invalid channel"),
            (websocket_event("CONNECT", connection_id="a b"), "Invalid connection ID"),
            (websocket_event("MESSAGE", body="{}"), "Invalid connection ID"),
            (
                websocket_event("MESSAGE", route_key="connect", body="{}"),
                "Invalid request headers",
            ),
        ],
    )
    def test_a_bad_event_is_refused(self, event, text):
        answer = handler(event, None)

        assert (answer["statusCode"], answer["body"]) == (400, text)
        assert rows() == []

    @pytest.mark.parametrize("body", [None, "", "hello", "[]", "[" * 100_000])
    def test_a_bad_message_is_refused_and_told(self, transport, body):
        handler(websocket_event("CONNECT"), None)

        answer = handler(websocket_event("MESSAGE", body=body), None)

        assert answer["statusCode"] == 400
        assert answer["body"] == "Invalid request format (1)"
        [post] = transport.posts
        assert post.message["code"] == "invalid_request_format"

    @pytest.mark.parametrize("method", ["GET", "POST"])
    @pytest.mark.parametrize("route", ["connect", "disconnect", "default"])
    def test_over_http_nobody_is_believed(self, method, route):
        answer = http_handler(http_event(f"/ws/{route}", method=method), None)

        assert (answer["statusCode"], answer["body"]) == (403, "Invalid request")


def test_an_answer_that_is_no_text_stays_readable(settings):
    @csrf_exempt
    def refuse(request, route):
        return HttpResponse(b"\xff", status=403, content_type="image/png")

    settings.ROOT_URLCONF = (path("ws/<path:route>", refuse),)

    answer = handler(websocket_event("CONNECT", headers=ORIGIN), None)

    assert answer["isBase64Encoded"] is True
    assert base64.b64decode(answer["body"]) == b"\xff"
