"""A disconnect closes the session, whatever came before."""

import pytest

from django_aws_api_gateway_websockets.models import WebSocketSession
from tests.gateway import rows, session

pytestmark = pytest.mark.django_db(transaction=True)


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
