"""Events of the WebSocket API, as the HTTP API passes them on, through WSGI and through ASGI."""

import pytest

from tests.gateway import gateway_headers, rows, session
from tests.handlers.events import http_event

pytestmark = pytest.mark.django_db(transaction=True)


def websocket_request(route, *, body=None, **headers):
    headers = gateway_headers(route=route, **headers)
    headers = {name.lower(): value for name, value in headers.items()}
    return http_event(f"/ws/{route}", method="POST", headers=headers, body=body)


class TestEventsOfTheWebSocketApi:
    def test_a_session_lives_through_its_events(self, handler, transport):
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
    def test_without_the_secret_nothing_happens(self, handler, secret):
        answer = handler(websocket_request("connect", secret=secret), None)

        assert (answer["statusCode"], answer["body"]) == (403, "Invalid request")
        assert rows() == []

    def test_a_page_of_another_site_is_refused(self, handler):
        answer = handler(
            websocket_request("connect", Origin="https://evil.example"), None
        )

        assert (answer["statusCode"], answer["body"]) == (400, "Host is not in Origin")
        assert rows() == []

    @pytest.mark.parametrize(
        "name",
        ["x_ws_source_ip", "x-ws_source-ip", "X_Ws_Gateway_Secret", "connectionid_"],
    )
    def test_a_header_with_an_underscore_is_dropped(self, handler, name):
        request = websocket_request("connect")
        # After the real one, where WSGI would let it win.
        request["headers"][name] = "forged,value"

        answer = handler(request, None)

        assert answer["statusCode"] == 200

    def test_an_underscore_is_no_way_around_the_secret(self, handler):
        request = websocket_request("connect", secret="")
        request["headers"]["x_ws_gateway_secret"] = gateway_headers()[
            "X-Ws-Gateway-Secret"
        ]

        assert handler(request, None)["statusCode"] == 403

    def test_two_values_of_a_mapped_header_are_refused(self, handler):
        request = websocket_request("connect")
        request["headers"]["x-ws-source-ip"] += ",198.51.100.7"

        answer = handler(request, None)

        assert answer["statusCode"] == 400
        assert answer["body"] == "Invalid request headers"
