"""docs/reference/protocol.md has each signal, and each field of the log."""

import re

import pytest
from django.dispatch import Signal

from django_aws_api_gateway_websockets import signals
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.views.event_log import LINE
from tests.app.logins import connect_with_token, token_for
from tests.docs.pages import INLINE, table
from tests.docs.test_reference_protocol import PAGE, RoomView, rows_of
from tests.gateway import ALICE, session

pytestmark = pytest.mark.django_db(transaction=True)


class TestSignals:
    def test_are_all_there(self):
        declared = {
            name for name, value in vars(signals).items() if isinstance(value, Signal)
        }

        assert {row[0] for row in table(PAGE, "signal")} == declared

    @pytest.mark.parametrize("name", [row[0] for row in table(PAGE, "signal")])
    def test_carry_what_is_listed(self, serve, transport, name):
        heard = []

        def receiver(sender, signal, **arguments):
            heard.append((sender.__name__, set(arguments)))

        getattr(signals, name).connect(receiver)
        try:
            everything_happens(serve(RoomView), transport)
        finally:
            getattr(signals, name).disconnect(receiver)

        [row] = [row for row in rows_of("signal") if row[0] == f"`{name}`"]
        sender = "WebSocketSession" if "WebSocketSession" in row[1] else "RoomView"
        assert heard
        assert all(each == (sender, set(INLINE.findall(row[2]))) for each in heard)


class MembersRoomView(RoomView):
    USE_WS_TOKEN = True


def everything_happens(gateway, transport) -> None:
    gateway.connect()
    gateway.message({"handler": "heard"})
    gateway.message({"handler": "forbidden"})
    transport.answer(ALICE, Outcome.GONE)
    session().send_message({})
    transport.answer(ALICE, Outcome.SENT)
    gateway.message({"handler": "heard"})
    gateway.disconnect()


class TestTheLogLine:
    def test_has_the_fields_that_are_listed(self):
        listed = [row[0] for row in table(PAGE, "field")]

        assert sorted(listed) == sorted(re.findall(r"%\((\w+)\)", LINE))

    def test_has_the_level_of_its_outcome(self, serve, transport, caplog):
        caplog.set_level("INFO")
        gateway = serve(MembersRoomView)
        token = token_for()
        connect_with_token(gateway, token=token)
        connect_with_token(gateway, token=token)
        gateway.message({"handler": "heard"})
        gateway.message({"handler": "forbidden"})
        gateway.message({"handler": "fails"})
        gateway.disconnect()

        written = {
            record.args["outcome"]: record.levelname
            for record in caplog.records
            if isinstance(record.args, dict)
        }
        assert {row[0]: row[1] for row in table(PAGE, "outcome")} == written
