"""Whatever a connection id holds, it is one word of the request line."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.messaging.sender import Sender
from tests.app.sender.broadcasts import outcomes, send_to
from tests.app.sender.scripted_server import ScriptedServer, taking_all

ODD = [
    "bcyDyftuDoECEuw=",
    "a b",
    "a/b",
    "../../admin",
    ".",
    "..",
    "a%2Fb%",
    "a?b=c#d",
    "a\r\nHost: elsewhere\r\n\r\n",
    "a\0b",
    "é 👍",
    "a+b;c:d@e",
    300 * "x",
    300 * "é",
]
WORD = re.compile(r"/production/@connections/([A-Za-z0-9._~-]|%[0-9A-F]{2})+")


@pytest.fixture(scope="module")
def server():
    with ScriptedServer(taking_all) as server:
        yield server


@pytest.fixture(scope="module")
def module_sender():
    sender = Sender()
    yield sender
    sender.close()


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), unique=True)
)
@example(ODD)
@settings(max_examples=30)
def test_it_arrives_as_it_is(server, module_sender, ids):
    server.asked.clear()

    assert outcomes(send_to(module_sender, server.url, ids)) <= {Outcome.SENT}

    assert sorted(server.ids) == sorted(ids)
    for asked in server.asked:
        assert WORD.fullmatch(asked.path)
        assert set(asked.headers) == {
            "host",
            "x-amz-date",
            "authorization",
            "content-length",
        }


def test_one_that_has_no_bytes_keeps_nobody_from_others(server, module_sender):
    """Half a surrogate pair, which no database would hold."""
    deliveries = send_to(module_sender, server.url, ["\ud83d", "alice=", "bob="])

    assert outcomes(deliveries) == {Outcome.SENT}
    assert sorted(server.ids[-3:]) == ["?", "alice=", "bob="]
