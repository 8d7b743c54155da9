"""A connect makes a session, once."""

import pytest

from tests.app.echo import PublicView, refusal
from tests.gateway import BOB, rows, session

pytestmark = pytest.mark.django_db(transaction=True)


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
        gateway.connect(BOB)  # then the gateway is known

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

        class CheckedView(PublicView):
            checks = (*PublicView.checks, seen.append)

        response = serve(CheckedView).connect(query="channel=lobby")

        assert response.status_code == 200
        assert seen[0].channel_name == "lobby"
