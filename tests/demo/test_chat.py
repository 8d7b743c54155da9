"""Whatever somebody writes reaches everybody in the channel."""

import pytest

from tests.gateway import ALICE, BOB, Gateway, session

pytestmark = pytest.mark.django_db(transaction=True)
CAROL = "carol="


@pytest.fixture
def gateway():
    gateway = Gateway()
    gateway.connect(ALICE, query="channel=lobby", Origin="https://site.example")
    gateway.connect(BOB, query="channel=lobby")
    gateway.connect(CAROL, query="channel=kitchen")
    return gateway


def test_a_message_reaches_the_channel_and_its_sender(gateway, transport):
    response = gateway.message({"handler": "chat_message", "message": "hello"})

    assert (response.status_code, response.json()) == (200, {})
    [message] = transport.messages_to(ALICE)
    assert message["type"] == "chat_message"
    assert message["message"] == "hello"
    assert transport.messages_to(BOB) == [message]
    assert transport.messages_to(CAROL) == []


def test_senders_are_told_apart_without_their_connection_ids(gateway, transport):
    gateway.message({"handler": "chat_message", "message": "hello"}, ALICE)
    gateway.message({"handler": "chat_message", "message": "hello"}, BOB)

    senders = {message["sender"] for message in transport.messages_to(ALICE)}
    assert len(senders) == 2
    assert ALICE not in senders


def test_a_name_and_an_id_come_along(gateway, transport):
    gateway.message(
        {
            "handler": "chat_message",
            "message": "hello",
            "nickname": f"  {'A' * 50} ",
            "id": "m1",
        }
    )

    [message] = transport.messages_to(BOB)
    assert message["nickname"] == "A" * 40
    assert message["id"] == "m1"


@pytest.mark.parametrize("text", [None, 7, "", "  ", ["hello"], "x" * 2_001])
def test_a_message_without_a_sensible_text_is_answered(gateway, transport, text):
    gateway.message({"handler": "chat_message", "message": text, "id": 1})

    [reply] = transport.messages_to(ALICE)
    assert reply["type"] == "reply"
    assert reply["data"]["error"].startswith("A message ")
    assert transport.messages_to(BOB) == []


def test_who_has_left_gets_nothing(gateway, transport):
    gateway.disconnect(BOB)

    gateway.message({"handler": "chat_message", "message": "hello"})

    assert transport.messages_to(BOB) == []
    assert session(BOB).closed_reason == "disconnect"
