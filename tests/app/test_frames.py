"""The frames that the package makes itself."""

import pytest

from django_aws_api_gateway_websockets.messaging import frames


def test_goodbye_says_whether_to_come_back():
    assert frames.goodbye("age", reconnect=True) == {
        "type": "goodbye",
        "reason": "age",
        "reconnect": True,
    }


@pytest.mark.parametrize(
    "identifier", [["a"], {"a": 1}, None, "x" * 129, 10**400, -(2**53) - 1]
)
def test_only_a_small_and_simple_id_comes_back(identifier):
    message = {"id": identifier}

    assert frames.reply(message, {})["id"] is None
    assert "id" not in frames.error(message, code="a", text="b")


@pytest.mark.parametrize("identifier", ["", "m1", 0, 7, 1.5])
def test_the_id_of_the_message_comes_back(identifier):
    message = {"id": identifier}

    assert frames.reply(message, {})["id"] == identifier
    assert frames.error(message, code="a", text="b")["id"] == identifier
