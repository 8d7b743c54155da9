"""Requests to the site, as events of the HTTP API."""

from base64 import b64decode

import pytest

from lambda_handlers.http_api import handler
from tests.gateway import gateway_headers, rows, session
from tests.handlers.events import http_event

pytestmark = pytest.mark.django_db(transaction=True)


def websocket_request(route, *, body=None, **headers):
    headers = gateway_headers(route=route, **headers)
    headers = {name.lower(): value for name, value in headers.items()}
    return http_event(f"/ws/{route}", method="POST", headers=headers, body=body)


def test_a_page_is_answered():
    answer = handler(http_event("/"), None)

    assert answer["statusCode"] == 200
    assert answer["headers"]["content-type"] == "text/html; charset=utf-8"
    assert "<!doctype html>" in answer["body"]


def test_a_static_file_is_answered():
    answer = handler(http_event("/static/demo/chat.js"), None)

    assert answer["statusCode"] == 200
    body = answer["body"]
    content = b64decode(body) if answer["isBase64Encoded"] else body.encode()
    assert b"new WebSocket(" in content


def test_cookies_and_the_query_arrive():
    answer = handler(http_event("/admin/", query="a=1"), None)

    assert answer["statusCode"] == 302
    assert answer["headers"]["location"] == "/admin/login/?next=/admin/%3Fa%3D1"


def test_another_host_is_refused():
    answer = handler(http_event("/", headers={"host": "evil.example"}), None)

    assert answer["statusCode"] == 400


class TestEventsOfTheWebSocketApi:
    def test_a_session_lives_through_its_events(self, transport):
        body = '{"handler": "ping"}'

        for request in (
            websocket_request("connect", Origin="https://site.example"),
            websocket_request("default", body=body),
            websocket_request("disconnect"),
        ):
            answer = handler(request, None)
            assert (answer["statusCode"], answer["body"]) == (200, "{}")

        assert [post.message for post in transport.posts] == [{"type": "pong"}]
        assert session().request_count == 1
        assert session().closed_reason == "disconnect"

    @pytest.mark.parametrize("secret", ["", "wrong"])
    def test_without_the_secret_nothing_happens(self, secret):
        answer = handler(websocket_request("connect", secret=secret), None)

        assert (answer["statusCode"], answer["body"]) == (403, "Invalid request")
        assert rows() == []

    def test_a_page_of_another_site_is_refused(self):
        answer = handler(
            websocket_request("connect", Origin="https://evil.example"), None
        )

        assert (answer["statusCode"], answer["body"]) == (400, "Host is not in Origin")
        assert rows() == []

    @pytest.mark.parametrize(
        "name",
        ["x_ws_source_ip", "x-ws_source-ip", "X_Ws_Gateway_Secret", "connectionid_"],
    )
    def test_a_header_with_an_underscore_is_dropped(self, name):
        request = websocket_request("connect")
        # After the real one, where WSGI would let it win.
        request["headers"][name] = "forged,value"

        answer = handler(request, None)

        assert answer["statusCode"] == 200

    def test_an_underscore_is_no_way_around_the_secret(self):
        request = websocket_request("connect", secret="")
        request["headers"]["x_ws_gateway_secret"] = gateway_headers()[
            "X-Ws-Gateway-Secret"
        ]

        assert handler(request, None)["statusCode"] == 403

    def test_two_values_of_a_mapped_header_are_refused(self):
        request = websocket_request("connect")
        request["headers"]["x-ws-source-ip"] += ",198.51.100.7"

        answer = handler(request, None)

        assert answer["statusCode"] == 400
        assert answer["body"] == "Invalid request headers"
