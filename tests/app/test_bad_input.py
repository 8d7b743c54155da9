"""What is malformed is refused, and changes nothing."""

import json
import logging

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from django_aws_api_gateway_websockets.models import WebSocketSession
from tests.app.echo import refusal
from tests.gateway import ALICE, BOB, rows, session

pytestmark = pytest.mark.django_db(transaction=True)


BAD_HEADERS = {
    "an unknown API id": {"X_Ws_Api_Id": "other"},
    "an empty API id": {"X_Ws_Api_Id": ""},
    "no API id": {"X_Ws_Api_Id": None, "X_Amzn_Apigateway_Api_Id": None},
    "two API ids": {"X_Ws_Api_Id": "api123,other"},
    "two API ids in the fallback": {"X_Amzn_Apigateway_Api_Id": "api123, api123"},
    "two connection ids": {"Connectionid": f"{ALICE},{BOB}"},
    "no connection id": {"Connectionid": None},
    "two source addresses": {"X_Ws_Source_Ip": "203.0.113.50, 198.51.100.7"},
    "two event types": {"X_Ws_Event_Type": "MESSAGE,CONNECT"},
    "another event's type": {"X_Ws_Event_Type": "AUTHORIZE"},
}


class TestBadInput:
    """A defined status, one line in the log, no traceback, no row damaged."""

    @pytest.fixture(autouse=True)
    def connected(self, gateway):
        gateway.connect(query="channel=lobby")
        self.before = rows()

    def refused(self, response, caplog, status, text):
        assert refusal(response) == (status, text)
        assert response["Content-Type"] == "text/plain; charset=utf-8"
        [record] = caplog.records
        assert record.levelno == logging.WARNING
        assert record.exc_info is None
        assert rows() == self.before

    @pytest.mark.parametrize("route", ["connect", "default", "disconnect", "custom"])
    @pytest.mark.parametrize("headers", BAD_HEADERS.values(), ids=BAD_HEADERS)
    def test_headers(self, gateway, caplog, route, headers):
        response = gateway.call(route, b'{"handler": "silent"}', **headers)

        self.refused(response, caplog, 400, "Invalid request headers")

    @pytest.mark.parametrize(
        ("route", "event_type"),
        [("connect", "MESSAGE"), ("disconnect", "MESSAGE"), ("default", "CONNECT")],
    )
    def test_a_route_that_contradicts_the_event(
        self, gateway, caplog, route, event_type
    ):
        response = gateway.call(route, X_Ws_Event_Type=event_type)

        self.refused(response, caplog, 400, "Invalid request headers")

    @pytest.mark.parametrize("route", ["connect", "default", "disconnect"])
    @pytest.mark.parametrize(
        "connection_id", ["", "a b", "a/b", "é", "x" * 129, "%00", "a;b"]
    )
    def test_a_malformed_connection_id(self, gateway, caplog, route, connection_id):
        response = gateway.call(route, connection_id=connection_id)

        self.refused(response, caplog, 400, "Invalid connection ID")

    @pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
    def test_another_method(self, gateway, caplog, method):
        response = gateway.call("connect", method=method)

        assert response.status_code == 405
        assert len(caplog.records) == 1
        assert rows() == self.before

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(b'{"handler": "silent", "x": "' + b"x" * 131_072 + b'"}'),
            pytest.param(b""),
            pytest.param(b"hello"),
            pytest.param(b'["handler"]'),
            pytest.param(b"null"),
            pytest.param(b'{"handler": "silent", "x": "\xff"}'),
            pytest.param(b'{"handler": "silent", "x": NaN}'),
            pytest.param(b'{"handler": "silent", "x": 1e999}'),
            pytest.param(b'{"handler": "silent", "x": ' + b"[" * 60_000),
            pytest.param(b'{"handler": "silent", "x": ' + b"9" * 5_000 + b"}"),
            pytest.param(b"{}"),
            pytest.param(b'{"other": "silent"}'),
            pytest.param(b'{"handler": "unknown"}'),
            pytest.param(b'{"handler": "undeclared"}'),
            pytest.param(b'{"handler": "_private"}'),
            pytest.param(b'{"handler": "missing"}'),
            pytest.param(b'{"handler": "__init__"}'),
            pytest.param(b'{"handler": "connect"}'),
            pytest.param(b'{"handler": "dispatch"}'),
            pytest.param(b'{"handler": "default"}'),
            pytest.param(b'{"handler": ["silent"]}'),
            pytest.param(b'{"handler": null, "action": {}}'),
            pytest.param(b'{"handler": "liste"}'),
        ],
    )
    def test_a_message_that_cannot_be_carried_out(
        self, gateway, transport, caplog, body
    ):
        response = gateway.message(body)

        self.refused(response, caplog, 400, "Invalid request format (1)")
        assert transport.messages_to(ALICE) == [
            {
                "type": "error",
                "code": "invalid_request_format",
                "message": "Invalid request format (1)",
            }
        ]

    def test_a_message_of_an_unknown_session(self, gateway, transport, caplog):
        response = gateway.message({"handler": "silent"}, "unknown=")

        self.refused(response, caplog, 400, "Invalid connection ID")
        assert transport.posts == []

    @pytest.mark.parametrize("reason", ["disconnect", "logout", "staff", "age"])
    def test_a_message_of_a_closed_session(self, gateway, transport, caplog, reason):
        WebSocketSession.objects.update(connected=False, closed_reason=reason)
        self.before = rows()

        response = gateway.message({"handler": "silent"})

        self.refused(response, caplog, 400, "Invalid connection ID")
        assert transport.posts == []

    def test_a_message_for_the_session_of_another_gateway(self, gateway, caplog):
        session().api_gateway.__class__.objects.create(api_name="b", api_id="other")

        response = gateway.message({"handler": "silent"}, api_id="other")

        self.refused(response, caplog, 400, "Invalid connection ID")

    def test_another_gateway_cannot_end_a_session(self, gateway):
        session().api_gateway.__class__.objects.create(api_name="b", api_id="other")

        response = gateway.disconnect(api_id="other")

        assert response.status_code == 200
        assert rows() == self.before

    def test_a_second_connect(self, gateway, caplog):
        response = gateway.connect(query="channel=lobby&ws_token=tell-nobody")

        self.refused(response, caplog, 400, "Invalid connection ID")
        assert "tell-nobody" not in caplog.text

    @pytest.mark.parametrize(
        "query", ["channel=", "channel=a%20b", "channel=a%0A", f"channel={'x' * 129}"]
    )
    def test_a_channel_that_is_no_name(self, gateway, caplog, query):
        response = gateway.connect(BOB, query=query)

        self.refused(response, caplog, 400, "Invalid channel")

    @given(
        body=(st.binary(max_size=200) | st.text(max_size=100).map(str.encode)).filter(
            lambda body: body.strip() != b"ping"
        )
    )
    @hypothesis_settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    def test_no_bytes_break_anything(self, gateway, body):
        assert gateway.message(body).status_code == 400

    @given(
        message=st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda children: st.lists(children) | st.dictionaries(st.text(), children),
            max_leaves=8,
        )
    )
    @hypothesis_settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    def test_no_value_breaks_the_echo(self, gateway, transport, message):
        body = {"handler": "echo", "id": message, "text": message}

        assert gateway.message(json.dumps(body).encode()).status_code in {200, 400}
