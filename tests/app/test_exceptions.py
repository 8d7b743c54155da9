"""What comes of an error in the application's own code."""

import pytest
from django.db import OperationalError, connection

from django_aws_api_gateway_websockets.models import WebSocketSession
from django_aws_api_gateway_websockets.routing import handler
from tests.app.echo import EchoView, PublicView
from tests.app.lambda_events import Context
from tests.gateway import ALICE, session
from tests.handlers.events import websocket_event
from tests.mails import ADMINS

pytestmark = pytest.mark.django_db(transaction=True)


class TestHandlerThatRaises:
    def test_is_one_record_with_its_traceback(self, gateway, transport, caplog):
        gateway.connect()
        caplog.clear()

        response = gateway.message({"handler": "breaks", "text": "what was said"})

        assert (response.status_code, response.json()) == (500, {})
        [record] = caplog.records
        assert record.levelname == "ERROR"
        assert record.exc_info[0] is RuntimeError
        assert record.args["connection"] == ALICE
        assert record.args["reason"] == "RuntimeError"
        assert "what was said" not in caplog.text

    def test_names_the_invocation(self, serve, transport, caplog):
        from lambda_handlers.websocket_api import handler

        serve(EchoView).connect()

        handler(websocket_event("MESSAGE", body='{"handler": "breaks"}'), Context())

        assert caplog.records[-1].args["request"] == Context.aws_request_id

    def test_tells_the_client_no_detail(self, gateway, transport):
        gateway.connect()

        gateway.message({"handler": "breaks", "id": 7})

        assert transport.messages_to(ALICE) == [
            {
                "type": "error",
                "id": 7,
                "code": "internal_server_error",
                "message": "Internal server error",
            }
        ]

    def test_leaves_the_session_open(self, gateway, transport):
        gateway.connect()

        gateway.message({"handler": "breaks"})

        assert gateway.message({"handler": "silent"}).status_code == 200


class TestConnectThatRaises:
    @pytest.mark.parametrize("when", ["before", "after"])
    def test_opens_no_session(self, serve, transport, caplog, when):
        class BrokenView(PublicView):
            def connect(self, request, *args, **kwargs):
                if when == "after":
                    super().connect(request, *args, **kwargs)
                raise RuntimeError("a secret detail")

        response = serve(BrokenView).connect()

        assert (response.status_code, response.json()) == (500, {})
        assert not WebSocketSession.objects.filter(connected=True).exists()
        assert transport.posts == []
        assert caplog.records[-1].exc_info is not None


class TestDisconnectThatRaises:
    @pytest.mark.parametrize("when", ["before", "after", "never"])
    def test_leaves_no_session_open(
        self, serve, transport, caplog, when, django_assert_num_queries
    ):
        class BrokenView(PublicView):
            def disconnect(self, request, *args, **kwargs):
                if when == "after":
                    super().disconnect(request, *args, **kwargs)
                if when != "never":
                    raise RuntimeError("a secret detail")

        gateway = serve(BrokenView)
        gateway.connect()

        with django_assert_num_queries(1):
            response = gateway.disconnect()

        assert response.status_code == 500
        assert session().closed_reason == "disconnect"
        assert transport.posts == []
        assert caplog.records[-1].args["outcome"] == "failed"


def test_a_view_without_default_has_nothing_to_mail(
    gateway, transport, settings, mailoutbox
):
    settings.ADMINS = ADMINS
    gateway.connect()

    response = gateway.message({"handler": "unknown"})

    assert response.status_code == 400
    assert mailoutbox == []


def test_a_database_that_is_away_is_an_error_like_any_other(
    gateway, transport, settings, caplog
):
    settings.ADMINS = ADMINS
    gateway.connect()

    def away(execute, *statement):
        raise OperationalError("the server closed the connection unexpectedly")

    caplog.clear()
    with connection.execute_wrapper(away):
        response = gateway.message({"handler": "silent"})

    assert response.status_code == 500
    assert [record.args["reason"] for record in caplog.records] == ["OperationalError"]
    assert transport.posts == []


def test_an_error_while_the_database_is_away_still_reaches_the_client(
    serve, transport, settings, caplog
):
    settings.ADMINS = ADMINS
    entered = []

    def away(execute, *statement):
        raise OperationalError("the server closed the connection unexpectedly")

    class AwayView(PublicView):
        @handler
        def lose(self, request, *args, **kwargs):
            wrapper = connection.execute_wrapper(away)
            wrapper.__enter__()
            entered.append(wrapper)
            raise RuntimeError("a secret detail")

    gateway = serve(AwayView)
    gateway.connect()

    response = gateway.message({"handler": "lose"})
    entered[0].__exit__(None, None, None)

    assert response.status_code == 500
    assert transport.messages_to(ALICE)[0]["code"] == "internal_server_error"
    assert caplog.records[-1].args["reason"] == "RuntimeError"
