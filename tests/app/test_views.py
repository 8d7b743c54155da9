"""What the gateway asks, and what Django answers."""

import json
import logging

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import RequestFactory
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models import WebSocketSession
from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.gateway import ALICE, BOB, SECRET, gateway_headers, rows, session

pytestmark = pytest.mark.django_db(transaction=True)


class EchoView(WebSocketView):
    ALLOWED_HANDLERS = ("listed", "_private", "missing")

    @handler
    def echo(self, request, *args, **kwargs):
        return {"text": self.body["text"]}

    @handler()
    def silent(self, request, *args, **kwargs):
        return None

    @handler
    def plain(self, request, *args, **kwargs):
        return HttpResponse("made by hand", status=202)

    @handler
    def breaks(self, request, *args, **kwargs):
        raise RuntimeError("a secret detail")

    @handler
    def returns_a_list(self, request, *args, **kwargs):
        return [1]

    def listed(self, request, *args, **kwargs):
        return {"listed": True}

    def undeclared(self, request, *args, **kwargs):
        raise AssertionError("nobody may call this")

    def _private(self, request, *args, **kwargs):
        raise AssertionError("nobody may call this")


@pytest.fixture
def gateway(serve):
    return serve(EchoView)


class TestConnect:
    def test_makes_a_session_in_the_channel_of_the_query(self, gateway):
        response = gateway.connect(query="channel=lobby")

        assert (response.status_code, response.json()) == (200, {})
        alice = session()
        assert alice.channel_name == "lobby"
        assert alice.connected
        assert alice.request_count == 0
        assert alice.user is None
        assert alice.api_gateway.api_id == "api123"

    def test_takes_the_channel_of_the_gateway_where_none_is_asked_for(self, gateway):
        gateway.connect()

        assert session().channel_name == "default"

    def test_takes_two_statements(self, gateway, django_assert_num_queries):
        with django_assert_num_queries(2):
            gateway.connect()

    def test_a_second_connect_is_refused_and_changes_nothing(self, gateway):
        gateway.connect(query="channel=lobby")
        before = rows()

        response = gateway.connect(query="channel=other")

        assert refusal(response) == (400, "Invalid connection ID")
        assert rows() == before

    def test_a_connect_after_its_disconnect_is_refused(self, gateway):
        gateway.disconnect()

        response = gateway.connect()

        assert refusal(response) == (400, "Invalid connection ID")
        assert not session().connected

    def test_a_view_adds_a_check_by_its_tuple(self, serve):
        seen = []

        class CheckedView(WebSocketView):
            checks = (*WebSocketView.checks, seen.append)

        response = serve(CheckedView).connect(query="channel=lobby")

        assert response.status_code == 200
        assert seen[0].channel_name == "lobby"


class TestDisconnect:
    def test_closes_the_session(self, gateway, django_assert_num_queries):
        gateway.connect()

        with django_assert_num_queries(1):
            response = gateway.disconnect()

        assert (response.status_code, response.json()) == (200, {})
        alice = session()
        assert not alice.connected
        assert alice.closed_reason == "disconnect"
        assert alice.closed_on is not None

    def test_is_answered_alike_when_it_comes_again(self, gateway):
        gateway.connect()
        gateway.disconnect()
        before = rows()

        response = gateway.disconnect()

        assert (response.status_code, response.json()) == (200, {})
        assert rows() == before

    def test_leaves_the_reason_of_a_session_closed_before(self, gateway):
        gateway.connect()
        WebSocketSession.objects.update(connected=False, closed_reason="logout")

        gateway.disconnect()

        assert session().closed_reason == "logout"

    def test_closes_a_session_that_seemed_gone(self, gateway):
        gateway.connect()
        WebSocketSession.objects.update(connected=False, closed_reason="gone")

        gateway.disconnect()

        assert session().closed_reason == "disconnect"


class TestMessage:
    def test_a_dictionary_is_sent_as_a_reply(self, gateway, transport):
        gateway.connect()

        response = gateway.message({"handler": "echo", "id": "m1", "text": "hello"})

        assert (response.status_code, response.json()) == (200, {})
        assert transport.messages_to(ALICE) == [
            {"type": "reply", "id": "m1", "data": {"text": "hello"}}
        ]

    def test_a_reply_to_a_message_without_id_has_none(self, gateway, transport):
        gateway.connect()

        gateway.message({"handler": "echo", "text": "hello"})

        assert transport.messages_to(ALICE)[0]["id"] is None

    @pytest.mark.parametrize(
        ("message", "answer"),
        [
            ({"handler": "listed"}, {"listed": True}),
            ({"action": "listed"}, {"listed": True}),
            ({"handler": "nothing", "action": "listed"}, {"listed": True}),
            ({"handler": "listed", "action": "echo"}, {"listed": True}),
        ],
    )
    def test_handler_comes_before_action(self, gateway, transport, message, answer):
        gateway.connect()

        gateway.message(message)

        assert transport.messages_to(ALICE)[0]["data"] == answer

    def test_none_sends_nothing(self, gateway, transport):
        gateway.connect()

        response = gateway.message({"handler": "silent"})

        assert (response.status_code, response.json()) == (200, {})
        assert transport.posts == []

    def test_a_response_is_the_answer_over_http_only(self, gateway, transport):
        gateway.connect()

        response = gateway.message({"handler": "plain"})

        assert (response.status_code, response.content) == (202, b"made by hand")
        assert transport.posts == []

    def test_takes_two_statements(self, gateway, transport, django_assert_num_queries):
        gateway.connect()

        with django_assert_num_queries(2):
            gateway.message({"handler": "echo", "text": "hello"})

    def test_is_counted(self, gateway):
        gateway.connect()

        gateway.message({"handler": "silent"})
        gateway.message({"handler": "silent"})

        assert session().request_count == 2

    def test_proves_that_a_session_is_not_gone(self, gateway):
        gateway.connect()
        WebSocketSession.objects.update(connected=False, closed_reason="gone")

        response = gateway.message({"handler": "silent"})

        assert response.status_code == 200
        alice = session()
        assert alice.connected
        assert alice.closed_reason == ""

    def test_a_ping_is_answered(self, gateway, transport):
        gateway.connect()

        gateway.message({"handler": "ping"})

        assert transport.messages_to(ALICE) == [{"type": "pong"}]

    def test_a_view_may_have_its_own_ping(self, serve, transport):
        class PingView(WebSocketView):
            @handler
            def ping(self, request, *args, **kwargs):
                return {"own": True}

        gateway = serve(PingView)
        gateway.connect()

        gateway.message({"handler": "ping"})

        assert transport.messages_to(ALICE)[0]["data"] == {"own": True}

    def test_default_answers_what_names_no_handler(self, serve, transport):
        class DefaultView(WebSocketView):
            def default(self, request, *args, **kwargs):
                return {"default": self.body["action"]}

        gateway = serve(DefaultView)
        gateway.connect()

        gateway.message({"action": "anything"})

        assert transport.messages_to(ALICE)[0]["data"] == {"default": "anything"}

    def test_default_can_be_named(self, serve, transport):
        class DefaultView(WebSocketView):
            def default(self, request, *args, **kwargs):
                return {"ran": "default"}

            @handler
            def chat(self, request, *args, **kwargs):
                return {"ran": "chat"}

        gateway = serve(DefaultView)
        gateway.connect()

        gateway.message({"handler": "default", "action": "chat"})

        assert transport.messages_to(ALICE)[0]["data"] == {"ran": "default"}

    def test_a_custom_route_brings_messages(self, gateway, transport):
        gateway.connect()

        response = gateway.call("echo", '{"handler": "echo", "text": "hello"}')

        assert response.status_code == 200
        assert transport.messages_to(ALICE)[0]["data"] == {"text": "hello"}

    def test_a_handler_that_raises_is_logged_and_told(self, gateway, transport, caplog):
        gateway.connect()

        response = gateway.message({"handler": "breaks", "id": 7})

        assert (response.status_code, response.json()) == (500, {})
        assert transport.messages_to(ALICE) == [
            {
                "type": "error",
                "id": 7,
                "code": "internal_server_error",
                "message": "Internal server error",
            }
        ]
        [record] = caplog.records
        assert ALICE in record.getMessage()
        assert record.exc_info is not None

    def test_a_handler_that_returns_something_else_is_an_error(
        self, gateway, transport, caplog
    ):
        gateway.connect()

        response = gateway.message({"handler": "returns_a_list"})

        assert response.status_code == 500
        assert "TypeError" in caplog.text

    @pytest.mark.parametrize("outcome", [Outcome.THROTTLED, Outcome.FAILED])
    def test_a_reply_that_cannot_be_sent_is_logged(
        self, gateway, transport, caplog, outcome
    ):
        gateway.connect()
        transport.answer(ALICE, outcome)

        response = gateway.message({"handler": "echo", "text": "hello"})

        assert response.status_code == 200
        assert outcome.value in caplog.text

    def test_a_surrogate_from_a_client_is_sent_as_a_question_mark(
        self, gateway, transport
    ):
        gateway.connect()

        response = gateway.message(rb'{"handler": "echo", "text": "a\ud800b"}')

        assert response.status_code == 200
        assert transport.messages_to(ALICE)[0]["data"] == {"text": "a?b"}


class TestTrust:
    @pytest.mark.parametrize("method", ["POST", "GET", "PUT", "DELETE", "OPTIONS"])
    @pytest.mark.parametrize(
        "secret", [None, "", "wrong", SECRET + "x", SECRET.upper(), "ü" * 40]
    )
    def test_without_the_secret_nothing_is_answered(
        self, gateway, caplog, method, secret
    ):
        response = gateway.call(
            "connect", method=method, X_Ws_Gateway_Secret=secret, host="site.example"
        )

        assert refusal(response) == (403, "Invalid request")
        assert len(caplog.records) == 1
        assert rows() == []

    def test_the_secret_is_checked_before_the_body_is_read(self, gateway):
        response = gateway.message(b"[" * 100_000, secret="wrong")

        assert response.status_code == 403

    def test_any_of_several_secrets_is_accepted(self, gateway, settings):
        settings.WEBSOCKETS = {
            **settings.WEBSOCKETS,
            "gateway_secret": ["the-new-secret-" * 3, SECRET],
        }

        assert gateway.connect().status_code == 200
        assert gateway.connect(BOB, secret="the-new-secret-" * 3).status_code == 200

    @pytest.mark.parametrize("configured", [None, "", [], [""]])
    def test_no_secret_accepts_no_header(self, gateway, settings, configured):
        settings.WEBSOCKETS = {**settings.WEBSOCKETS, "gateway_secret": configured}

        assert gateway.connect().status_code == 403
        assert gateway.connect(secret="").status_code == 403

    def test_a_header_cannot_be_the_mark(self, gateway):
        response = gateway.connect(secret="", gateway_trusted="True")

        assert response.status_code == 403

    def test_the_mark_in_the_environment_is_enough(self):
        request = RequestFactory().post(
            "/ws/connect", headers=gateway_headers(route="connect", secret="")
        )
        request.META["gateway.trusted"] = True

        assert EchoView.as_view()(request, route="connect").status_code == 200

    def test_an_url_that_does_not_name_the_route_fails_clearly(self):
        request = RequestFactory().post("/ws/connect", headers=gateway_headers())

        with pytest.raises(ImproperlyConfigured, match="<slug:route>"):
            EchoView.as_view()(request, action="connect")


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

    @given(body=st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
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


def refusal(response) -> tuple[int, str]:
    return response.status_code, response.content.decode()


def test_default_is_for_the_application_to_write():
    with pytest.raises(NotImplementedError, match="EchoView"):
        EchoView().default(RequestFactory().post("/"))


def test_names_of_handlers_are_the_applications(serve, transport):
    """What the view itself is made of leaves the good names free."""

    class NamesView(WebSocketView):
        @handler
        def message(self, request, *args, **kwargs):
            return {"ran": "message"}

        @handler
        def send(self, request, *args, **kwargs):
            return {"ran": "send"}

        @handler
        def answer(self, request, *args, **kwargs):
            return {"ran": "answer"}

    gateway = serve(NamesView)
    gateway.connect()

    for name in ("message", "send", "answer"):
        gateway.message({"handler": name})

    assert [reply["data"]["ran"] for reply in transport.messages_to(ALICE)] == [
        "message",
        "send",
        "answer",
    ]


def test_a_body_over_djangos_own_limit_is_refused(gateway, transport, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    gateway.connect()

    response = gateway.message({"handler": "echo", "text": "x" * 100})

    assert refusal(response) == (400, "Invalid request format (1)")


def test_an_error_that_cannot_be_told_changes_no_answer(gateway, caplog):
    gateway.connect()
    session().api_gateway.__class__.objects.update(callback_url="")

    response = gateway.message({"handler": "unknown"})

    assert refusal(response) == (400, "Invalid request format (1)")
    assert "has no address" in caplog.text


def test_a_body_that_is_announced_as_too_large_is_not_read(gateway):
    gateway.connect()

    response = gateway.message(b"{}", Content_Length="131073")

    assert refusal(response) == (400, "Invalid request format (1)")
