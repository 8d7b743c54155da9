"""Messages wait for the commit of what they tell."""

import pytest
from django.db import transaction

from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models import DEFERRED, WebSocketSession
from tests.app.lobby import GONE, HELLO, everybody

pytestmark = pytest.mark.django_db(transaction=True)


class TestCommitFirst:
    def test_a_message_waits_for_the_commit(self, transport, make_session):
        session = make_session()

        with transaction.atomic():
            assert session.send_message(HELLO) is DEFERRED
            assert everybody().send_message({"type": "all"}) is DEFERRED
            assert transport.posts == []

        assert transport.messages_to("alice=") == [HELLO, {"type": "all"}]

    def test_a_rollback_sends_nothing(self, transport, make_session):
        session = make_session()

        with transaction.atomic():
            session.send_message(HELLO)
            transaction.set_rollback(True)

        assert transport.posts == []

    def test_errors_of_the_message_come_at_once(self, make_session):
        session = make_session()

        with pytest.raises(ValueError, match="JSON"), transaction.atomic():
            session.send_message({"number": float("nan")})

    def test_a_failure_after_the_commit_is_logged(
        self, transport, make_session, caplog
    ):
        session = make_session()
        transport.answer("alice=", Outcome.FAILED)

        with transaction.atomic():
            session.send_message(HELLO)
            everybody().send_message(HELLO)

        assert [record.name for record in caplog.records] == [
            "django_aws_api_gateway_websockets.models"
        ] * 2
        assert "told to" in caplog.text
        assert "0 sent, 0 gone, 0 connecting, 0 throttled, 1 failed" in caplog.text

    @pytest.mark.usefixtures("broken_transport")
    def test_one_that_breaks_after_the_commit_does_not_stop_the_next(
        self, make_session, caplog
    ):
        session = make_session()
        done = []

        with transaction.atomic():
            session.send_message(HELLO)
            transaction.on_commit(lambda: done.append(1))

        assert done == [1]
        assert "There is no key" in caplog.text

    def test_who_is_gone_after_the_commit_is_closed(self, transport, make_session):
        make_session()
        transport.answer("alice=", GONE)

        with transaction.atomic():
            everybody().send_message(HELLO)

        assert WebSocketSession.objects.get().closed_reason == "gone"

    def test_the_last_words_reach_a_session_that_is_then_closed(
        self, transport, make_session
    ):
        make_session()

        with transaction.atomic():
            everybody().send_message(HELLO)
            everybody().delete()

        assert transport.messages_to("alice=") == [HELLO]

    def test_deferred_says_so(self):
        assert repr(DEFERRED) == "DEFERRED"
