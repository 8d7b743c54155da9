"""The checks of a connect are a policy, and nobody is admitted halfway."""

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpResponse

from django_aws_api_gateway_websockets.admission import (
    CHECKS,
    origin_is_allowed,
    token_is_valid,
)
from django_aws_api_gateway_websockets.exceptions import NotPermitted
from django_aws_api_gateway_websockets.models import WebSocketSession, WebSocketToken
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.echo import refusal
from tests.app.logins import connect_with_token, token_for, user_named
from tests.gateway import BOB, session

pytestmark = pytest.mark.django_db(transaction=True)


class TestPolicy:
    def test_is_these_checks_in_this_order(self):
        assert [check.__name__ for check in CHECKS] == [
            "gateway_is_known",
            "address_has_attempts_left",
            "required_headers_are_there",
            "user_agent_is_expected",
            "connection_id_is_well_formed",
            "host_is_allowed",
            "origin_is_allowed",
            "channel_is_well_formed",
            "session_cookie_is_there",
            "token_is_valid",
            "session_cookie_belongs_to_token",
            "cookie_is_of_a_login",
            "user_has_attempts_left",
            "token_is_used_up",
            "user_is_permitted",
            "channel_can_be_joined",
            "own_checks_pass",
        ]

    def test_ends_with_the_first_check_that_fails(self, serve):
        gateway = serve(WebSocketView)

        response = connect_with_token(gateway, channel="no name", Origin="null")

        assert refusal(response) == (400, "Host is not in Origin")
        assert not WebSocketToken.objects.get().used

    def test_is_another_one_where_a_view_leaves_a_check_out(self, serve):
        class OpenView(WebSocketView):
            checks = tuple(check for check in CHECKS if check != origin_is_allowed)

        response = connect_with_token(serve(OpenView), Origin="https://app.example")

        assert response.status_code == 200

    def test_is_another_one_where_a_view_replaces_a_check(self, serve):
        def name_is_alice(attempt):
            token_is_valid(attempt)
            if attempt.user.username != "alice":
                raise NotPermitted("not alice")

        class AliceView(WebSocketView):
            checks = tuple(
                name_is_alice if check == token_is_valid else check for check in CHECKS
            )

        gateway = serve(AliceView)

        assert connect_with_token(gateway).status_code == 200
        response = connect_with_token(gateway, BOB, user=user_named("bob"))
        assert refusal(response) == (403, "Permission Denied")

    def test_has_a_place_for_a_check_in_the_views_own_words(self, serve):
        class ClosedView(WebSocketView):
            def _additional_connection_checks(self, request, *args, **kwargs):
                return request.user.username != "alice", "Not you"

        gateway = serve(ClosedView)

        assert refusal(connect_with_token(gateway)) == (400, "Not you")
        response = connect_with_token(gateway, BOB, user=user_named("bob"))
        assert response.status_code == 200


class BreakingDatabase:
    """Breaks down at one statement: before that is carried out, or after it."""

    def __init__(self, number, *, when, error):
        self.number, self.when, self.error = number, when, error
        self.statements = 0

    def __call__(self, execute, *statement):
        self.statements += 1
        if self.statements != self.number:
            return execute(*statement)
        if self.when == "after":
            execute(*statement)
        raise self.error("server closed the connection unexpectedly")


class TestBrokenDatabase:
    @pytest.mark.parametrize("error", [OperationalError, InterfaceError])
    @pytest.mark.parametrize("when", ["before", "after"])
    @pytest.mark.parametrize("number", range(1, 7))
    def test_opens_no_session_without_a_used_token(self, serve, number, when, error):
        gateway = serve(WebSocketView)
        connect_with_token(gateway, BOB)
        WebSocketSession.objects.all().delete()
        token = token_for()
        breaking = BreakingDatabase(number, when=when, error=error)

        with connection.execute_wrapper(breaking):
            response = connect_with_token(gateway, token=token)

        assert response.status_code == 500
        assert breaking.statements == number
        is_open = WebSocketSession.objects.filter(connected=True).exists()
        was_used = WebSocketToken.objects.latest("pk").used
        assert is_open == (number == 6 and when == "after")
        assert was_used == (number > 4 or (number == 4 and when == "after"))

    def test_lets_a_client_connect_afterwards_whose_token_was_not_used(self, serve):
        gateway = serve(WebSocketView)
        connect_with_token(gateway, BOB)
        token = token_for()
        breaking = BreakingDatabase(3, when="before", error=OperationalError)
        with connection.execute_wrapper(breaking):
            connect_with_token(gateway, token=token)

        assert connect_with_token(gateway, token=token).status_code == 200


class TestConnectThatAViewOverrides:
    def test_leaves_no_open_session_where_it_refuses(self, serve):
        class FullView(WebSocketView):
            def connect(self, request, *args, **kwargs):
                super().connect(request, *args, **kwargs)
                return HttpResponse("Full", status=503)

        response = connect_with_token(serve(FullView))

        assert refusal(response) == (503, "Full")
        assert not session().connected

    def test_leaves_no_open_session_where_it_raises(self, serve):
        class BrokenView(WebSocketView):
            def connect(self, request, *args, **kwargs):
                super().connect(request, *args, **kwargs)
                raise RuntimeError("a mistake")

        response = connect_with_token(serve(BrokenView))

        assert response.status_code == 500
        assert not session().connected
