"""One message to one client."""

from decimal import Decimal
from uuid import UUID

import pytest
from django.utils import timezone
from django.utils.translation import gettext_lazy

from django_aws_api_gateway_websockets.exceptions import SendFailed
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models import ApiGateway
from tests.app.lobby import HELLO

pytestmark = pytest.mark.django_db(transaction=True)


class TestOneMessage:
    def test_is_posted_to_the_client(self, transport, make_session):
        response = make_session().send_message({"text": "héllo"})

        assert response == {"ResponseMetadata": {"RetryAttempts": 0}}
        [post] = transport.posts
        assert post.callback_url == "https://socket.example/production"
        assert post.connection_id == "alice="
        assert post.data == '{"text":"héllo"}'.encode()

    def test_may_hold_what_django_can_serialize(self, transport, make_session):
        make_session().send_message(
            {
                "price": Decimal("1.50"),
                "id": UUID(int=0),
                "at": timezone.now(),
                "name": gettext_lazy("hello"),
            }
        )

        [message] = transport.messages_to("alice=")
        assert (message["price"], message["name"]) == ("1.50", "hello")

    @pytest.mark.parametrize("number", [float("nan"), float("inf")])
    def test_that_is_no_json_is_an_error(self, transport, make_session, number):
        with pytest.raises(ValueError, match="JSON"):
            make_session().send_message({"number": number})

    def test_may_have_44_kb_of_emoji(self, transport, make_session):
        make_session().send_message({"text": "🙂" * 11_000})

        assert len(transport.posts[0].data) < 45_000

    def test_over_the_limit_is_an_error_that_names_both_sizes(self, make_session):
        with pytest.raises(ValueError, match=r"131083 bytes, more than 131072"):
            make_session().send_message({"text": "x" * 131_072})

    def test_without_a_gateway_is_an_error(self, make_session):
        with pytest.raises(ValueError, match="alice= has no gateway"):
            make_session(api_gateway=None).send_message(HELLO)

    def test_to_a_gateway_without_address_is_an_error(self, make_session):
        draft = ApiGateway.objects.create(api_name="draft")

        with pytest.raises(ValueError, match="'draft' has no address"):
            make_session(api_gateway=draft).send_message(HELLO)

    @pytest.mark.parametrize("outcome", [Outcome.THROTTLED, Outcome.FAILED])
    def test_that_fails_says_how(self, transport, make_session, outcome):
        session = make_session()
        transport.answer("alice=", outcome)

        with pytest.raises(SendFailed) as failure:
            session.send_message(HELLO)

        assert failure.value.outcome == outcome.value
        assert failure.value.reason == "told to"
        session.refresh_from_db()
        assert session.connected

    def test_to_a_closed_session_is_not_sent(self, transport, make_session):
        session = make_session(connected=False, closed_reason="logout")

        assert session.send_message(HELLO) is None
        assert transport.posts == []
