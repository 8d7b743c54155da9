"""What a message does, and what its client is told."""

import pytest

from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models import WebSocketSession
from tests.app.echo import refusal
from tests.gateway import ALICE, session

pytestmark = pytest.mark.django_db(transaction=True)


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

    def test_a_ping_may_be_the_bare_word(self, gateway, transport):
        gateway.connect()

        answers = [gateway.message(text) for text in (b"ping", b"pong", b"ping ")]

        assert [answer.status_code for answer in answers] == [200, 400, 400]
        pong, *others = transport.messages_to(ALICE)
        assert pong == {"type": "pong"}
        assert [each["code"] for each in others] == ["invalid_request_format"] * 2

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
        record = caplog.records[-1]
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


def test_a_body_over_djangos_own_limit_is_refused(gateway, transport, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    gateway.connect()

    response = gateway.message({"handler": "echo", "text": "x" * 100})

    assert refusal(response) == (400, "Invalid request format (1)")


def test_an_error_that_cannot_be_told_changes_no_answer(gateway, caplog):
    gateway.connect()
    moved = session().api_gateway
    moved.callback_url = ""
    moved.save()

    response = gateway.message({"handler": "unknown"})

    assert refusal(response) == (400, "Invalid request format (1)")
    assert "has no address" in caplog.text


def test_a_body_that_is_announced_as_too_large_is_not_read(gateway):
    gateway.connect()

    response = gateway.message(b"{}", Content_Length="131073")

    assert refusal(response) == (400, "Invalid request format (1)")
