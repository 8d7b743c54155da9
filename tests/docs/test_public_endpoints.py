"""docs/howto/public-endpoints.md, done as it is printed."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from django_aws_api_gateway_websockets.models import ChannelPermission
from tests.app.echo import refusal
from tests.app.logins import cookie_of, logged_in
from tests.app.old_rows import NOW
from tests.docs.pages import ROOT, blocks, table
from tests.docs.python_blocks import run
from tests.docs.site_copy import change
from tests.gateway import ALICE, BOB, session

PAGE = "docs/howto/public-endpoints.md"
SITE = "https://site.example"

pytestmark = pytest.mark.django_db


def view(name: str, **attributes: Any) -> Any:
    return type(name, (run(PAGE, containing=f"class {name}(")[name],), attributes)


def who_they_are(gateway, transport) -> bool:
    gateway.message({"handler": "who_am_i"})
    anonymous: bool = transport.messages_to(ALICE)[0]["data"]["anonymous"]
    return anonymous


@pytest.mark.django_db(transaction=True)  # messages go out
def test_anybody_connects_and_is_anonymous(serve, transport) -> None:
    gateway = serve(view("ScoreView"))

    assert gateway.connect(Origin=SITE).status_code == 200

    assert who_they_are(gateway, transport)
    assert session().user is None


def test_the_answers_are_those_of_the_table(serve) -> None:
    ChannelPermission.objects.create(channel_name="staff", access="staff_only")
    gateway = serve(view("ScoreView", RATE_LIMIT_MAX_ATTEMPTS=4))

    answers = [
        gateway.connect(secret="wrong"),
        gateway.connect(Origin="https://elsewhere.example"),
        gateway.connect(query="channel="),
        gateway.connect(query="channel=staff"),
        gateway.connect(),
        gateway.connect(BOB),
    ]

    refused = [refusal(answer) for answer in answers if answer.status_code != 200]
    assert len(refused) == len(answers) - 1
    statuses = {text: status for status, text in refused}
    for _, _, text in table(PAGE, "what is looked at"):
        assert f"{statuses.pop(text)} `{text}`" in (ROOT / PAGE).read_text()
    assert statuses == {}


@pytest.mark.django_db(transaction=True)  # messages go out
def test_a_visitor_is_known_by_the_cookie(serve, transport) -> None:
    gateway = serve(view("ScoreView"))

    answer = gateway.connect(Origin=SITE, Cookie=cookie_of(logged_in()))

    assert answer.status_code == 200
    assert not who_they_are(gateway, transport)


def test_the_cookie_of_a_login_needs_an_origin(serve) -> None:
    gateway = serve(view("ScoreView"))

    answer = gateway.connect(Cookie=cookie_of(logged_in()))

    assert refusal(answer) == (400, "Host is not in Origin")


def test_other_sites_are_named_in_the_settings(serve, settings, tmp_path: Path) -> None:
    (diff,) = [block for block in blocks(PAGE) if block.language == "diff"]
    file = tmp_path / "settings.py"
    shutil.copy(ROOT / diff.caption, file)

    change(file, diff.text)

    changed: dict[str, Any] = {}
    exec(file.read_text(), changed)
    settings.WEBSOCKETS = {
        **settings.WEBSOCKETS,
        "allowed_origins": changed["WEBSOCKETS"]["allowed_origins"],
    }
    gateway = serve(view("ScoreView"))
    statuses = {
        origin: gateway.connect(f"{number}=", Origin=origin).status_code
        for number, origin in enumerate(
            [
                SITE,
                "https://scores.example",
                "https://www.partner.example",
                "https://partner.example",
                "https://www.scores.example",
                "http://scores.example",
                "https://scores.example:8443",
            ]
        )
    }
    assert list(statuses.values()) == [200] * 4 + [400] * 3


def test_a_view_may_have_a_limit_of_its_own(serve, monkeypatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    gateway = serve(view("MatchView"))

    statuses = [gateway.connect(f"{n}=").status_code for n in range(61)]
    assert statuses == [200] * 60 + [400]

    a_second_later = NOW + timedelta(seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: a_second_later)
    statuses = [gateway.connect(f"later-{n}=").status_code for n in range(2)]
    assert statuses == [200, 400]


def test_strangers_may_be_kept_to_the_channels_that_there_are(serve) -> None:
    ChannelPermission.objects.create(channel_name="final", access="allow_all")
    gateway = serve(view("ListedScoresView"))

    assert gateway.connect(query="channel=final").status_code == 200
    assert gateway.connect(BOB, query="channel=any").status_code == 403
