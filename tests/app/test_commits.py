"""Messages wait for the commit of what they tell; what fails is logged."""

import logging
import tracemalloc

import pytest
from django.db import transaction

from django_aws_api_gateway_websockets.exceptions import SendFailed
from django_aws_api_gateway_websockets.messaging.contract import Delivery, Outcome
from django_aws_api_gateway_websockets.models import DEFERRED, WebSocketSession
from tests.app.lobby import GONE, HELLO, everybody

pytestmark = pytest.mark.django_db(transaction=True)

FAILED = (
    "Not everybody got a message: 0 sent, 0 gone, 0 connecting, 0 throttled, 1 failed; "
    "1 x told to"
)
MANY = 5_000


def warnings(caplog):
    assert {(record.name, record.levelno) for record in caplog.records} == {
        ("django_aws_api_gateway_websockets.models", logging.WARNING)
    }
    return [record.getMessage() for record in caplog.records]


class EachFailsInItsWay:
    """Three have one reason, all others one of their own."""

    def perform(self, recipients, requests, **options):
        for number, recipient in enumerate(recipients):
            reason = f"reason {max(0, number - 2)}"
            yield recipient, Delivery(Outcome.FAILED, reason)


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

        one, several = warnings(caplog)
        assert "told to" in one
        assert several == FAILED

    def test_so_is_one_outside_of_a_transaction(self, transport, make_session, caplog):
        make_session()
        transport.answer("alice=", Outcome.FAILED)

        everybody().send_message(HELLO)

        assert warnings(caplog) == [FAILED]

    def test_what_is_raised_is_not_logged_as_well(
        self, transport, make_session, caplog
    ):
        session = make_session()
        transport.answer("alice=", Outcome.FAILED)

        with pytest.raises(SendFailed):
            session.send_message(HELLO)

        assert caplog.records == []

    def test_the_line_has_the_most_frequent_reasons(
        self, make_session, settings, caplog
    ):
        transport = f"{__name__}.{EachFailsInItsWay.__name__}"
        settings.WEBSOCKETS = {**settings.WEBSOCKETS, "transport": transport}
        for number in range(9):
            make_session(f"{number}=")

        everybody().send_message(HELLO)

        [line] = warnings(caplog)
        assert "9 failed; 3 x reason 0; 1 x " in line
        assert line.count(" x reason ") == 5

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
        [warning] = warnings(caplog)
        assert "There is no key" in warning
        assert caplog.records[0].exc_info is None

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

    def test_they_reach_very_many_and_need_little_memory_until_then(
        self, transport, make_session
    ):
        only = make_session()
        WebSocketSession.objects.bulk_create(
            WebSocketSession(
                connection_id=f"{number:016}=",
                channel_name="lobby",
                api_gateway=only.api_gateway,
            )
            for number in range(MANY - 1)
        )

        with transaction.atomic():
            tracemalloc.start()
            everybody().send_message(HELLO)
            everybody().exists()  # drivers keep the last answer
            kept, _ = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            everybody().delete()

        assert len(transport.posts) == MANY
        assert kept / MANY < 80

    def test_deferred_says_so(self):
        assert repr(DEFERRED) == "DEFERRED"
