"""docs/explanation/sending-like-the-peer.md: what it says of this app is so."""

import inspect

import pytest
from django.db import transaction

from django_aws_api_gateway_websockets import exceptions, models
from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from tests.docs.pages import ROOT, code

PAGE = "docs/explanation/sending-like-the-peer.md"
TEXT = (ROOT / PAGE).read_text()


def row_of(about):
    [row] = [line for line in TEXT.splitlines() if line.startswith(f"| {about}")]
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_the_numbers_are_those_of_the_code(settings):
    settings.WEBSOCKETS = {}
    send_message = inspect.unwrap(models.WebSocketSession.objects.send_message)
    default = inspect.signature(send_message).parameters["max_workers"].default

    assert row_of("`max_workers`")[2].startswith(f"{default}, ")
    assert f"to more than {conf.broadcast_queue_threshold:,}, " in TEXT


@pytest.mark.django_db(transaction=True)
def test_one_session_is_what_is_said(make_session, transport):
    alice = make_session("alice=")
    bob = make_session("bob=", connected=False, closed_reason="logout")
    transport.answer("alice=", Outcome.FAILED)
    name = "SendFailed"

    assert f"`{name}`" in row_of("one session, the gateway refuses")[2]
    with pytest.raises(getattr(exceptions, name)):
        alice.send_message({})
    assert f"`{bob.send_message({})}`" in row_of("one session that is closed")[2]
    with transaction.atomic():
        assert f"`{alice.send_message({})!r}`" in row_of("inside a transaction")[2]


@pytest.mark.django_db(transaction=True)
def test_entries_have_no_request_id(make_session, transport):
    make_session("alice=")

    [entry] = models.WebSocketSession.objects.send_message({})

    assert "RequestId" in code(PAGE)
    assert "RequestId" not in entry["ResponseMetadata"]
