"""docs/howto/presence.md, as an app that is made of what is printed there."""

import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.async_api import Browser

from django_aws_api_gateway_websockets import signals
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models import WebSocketSession
from tests.app.logins import connect_with_token, user_named
from tests.docs.pages import blocks
from tests.gateway import ALICE, BOB, session

PAGE = "docs/howto/presence.md"

ALICE_ALONE = {"type": "people", "names": ["alice"]}
BOTH = {"type": "people", "names": ["alice", "bob"]}

room = pytest.mark.django_db(transaction=True)


@pytest.fixture
def gateway(serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator:
    """A site with the app, which gets ready as Django has it done."""
    for block in blocks(PAGE):
        file = tmp_path / block.caption
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text)
    (tmp_path / "presence" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    used = [signals.connected, signals.disconnected, signals.gone]
    before = [list(each.receivers) for each in used]
    apps = import_module("presence.apps")
    apps.PresenceConfig("presence", import_module("presence")).ready()

    yield serve(import_module("presence.views").RoomView)

    for signal, receivers in zip(used, before, strict=True):
        signal.receivers = receivers
        signal.sender_receivers_cache.clear()
    for name in [each for each in sys.modules if each.split(".")[0] == "presence"]:
        del sys.modules[name]


@pytest.fixture
def both(gateway, transport):
    """Alice is there, and Bob has come."""
    connect_with_token(gateway)
    connect_with_token(gateway, BOB, user=user_named("bob"))
    return gateway


@room
def test_those_who_are_there_hear_who_comes_and_the_newcomer_asks(both, transport):
    assert transport.messages_to(ALICE) == [BOTH]
    assert transport.messages_to(BOB) == []

    both.message({"handler": "who_is_there"}, BOB)

    assert transport.messages_to(BOB) == [BOTH]


@room
def test_somebody_with_two_windows_is_listed_once(both, transport):
    connect_with_token(both, "window=", user=user_named("bob"))

    assert transport.messages_to(ALICE)[-1] == BOTH


@room
@pytest.mark.parametrize("way", ["disconnect", "gone", "hang up"])
def test_those_who_stay_hear_who_leaves(both, transport, way):
    bob = WebSocketSession.objects.filter(connection_id=BOB)
    match way:
        case "disconnect":
            both.disconnect(BOB)
        case "gone":
            bob.update(created_on=timezone.now() - timedelta(minutes=1))
            transport.answer(BOB, Outcome.GONE)
            bob.send_message({"type": "to nobody"})
        case "hang up":
            bob.disconnect()

    assert transport.messages_to(ALICE) == [BOTH, ALICE_ALONE]


@room
def test_who_writes_after_all_is_there_again(both, transport):
    WebSocketSession.objects.all().close_as_gone([session(BOB).pk])

    both.message({"handler": "ping"}, BOB)

    assert transport.messages_to(ALICE) == [BOTH, ALICE_ALONE, BOTH]


@room
def test_both_channels_hear_of_who_changes_it(both, transport):
    both.message({"handler": "change_channel", "channel": "other"}, BOB)

    assert transport.messages_to(ALICE)[-1] == ALICE_ALONE
    there, reply = transport.messages_to(BOB)
    assert there == {"type": "people", "names": ["bob"]}
    assert reply["data"] == {"channel": "other"}


async def test_the_page_asks_and_shows_the_list_that_comes(browser: Browser) -> None:
    (script,) = [each.text for each in blocks(PAGE) if each.language == "js"]
    page = await browser.new_page()
    await page.set_content("<ol><li>nobody</li></ol>")

    sent = await page.evaluate(
        """([script, message]) => {
          const socket = new EventTarget();
          const sent = [];
          socket.send = (text) => sent.push(text);
          const list = document.querySelector("ol");
          new Function("socket", "list", `${script}; showPeople(socket, list);`)(socket, list);
          socket.dispatchEvent(new Event("open"));
          for (const data of ['{"type": "reply"}', message])
            socket.dispatchEvent(new MessageEvent("message", { data }));
          return sent;
        }""",
        [script.replace("export ", ""), json.dumps(BOTH)],
    )

    assert [json.loads(each) for each in sent] == [{"handler": "who_is_there"}]
    assert await page.locator("li").all_text_contents() == ["alice", "bob"]
