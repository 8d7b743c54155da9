"""What is made of a client that is said to be gone."""

import pytest

from django_aws_api_gateway_websockets.models import WebSocketSession
from tests.app.lobby import GONE, HELLO, SENT

pytestmark = pytest.mark.django_db(transaction=True)


class TestGoneIsAHint:
    def test_a_client_that_is_gone_is_closed(self, transport, make_session):
        session = make_session()
        transport.answer("alice=", GONE)

        assert session.send_message(HELLO) is None

        assert not session.connected
        session.refresh_from_db()
        assert not session.connected
        assert session.closed_reason == "gone"
        assert session.closed_on is not None
        assert len(transport.posts) == 1

    def test_a_new_client_gets_a_second_chance(self, transport, make_session):
        session = make_session(age=1)
        transport.answer("alice=", GONE, SENT)

        assert session.send_message(HELLO) is not None

        assert [post.outcome for post in transport.posts] == [GONE, SENT]
        assert transport.messages_to("alice=") == [HELLO]

    @pytest.mark.parametrize("age", [0, 29])
    def test_a_second_gone_is_still_connecting(self, transport, make_session, age):
        session = make_session(age=age)
        transport.answer("alice=", GONE)

        assert session.send_message(HELLO) is None

        assert len(transport.posts) == 2
        session.refresh_from_db()
        assert session.connected
        assert session.closed_reason == ""

    def test_a_client_that_has_sent_something_is_not_new(self, transport, make_session):
        session = make_session(age=1, request_count=1)
        transport.answer("alice=", GONE)

        assert session.send_message(HELLO) is None

        assert len(transport.posts) == 1
        session.refresh_from_db()
        assert session.closed_reason == "gone"

    def test_a_session_closed_for_another_reason_keeps_it(
        self, transport, make_session
    ):
        session = make_session()
        transport.answer("alice=", GONE)
        WebSocketSession.objects.update(connected=False, closed_reason="logout")

        session.send_message(HELLO)

        session.refresh_from_db()
        assert session.closed_reason == "logout"
