"""docs/reference/protocol.md has each frame, refusal and reason, as clients get them."""

import json
import re

import pytest
from django import forms
from django.test import Client
from django.urls import path

from django_aws_api_gateway_websockets import exceptions
from django_aws_api_gateway_websockets.messaging import frames
from django_aws_api_gateway_websockets.models import ClosedReason
from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.views import WebSocketTokenView
from tests.app.echo import PublicView
from tests.app.logins import logged_in
from tests.docs.pages import ROOT, table
from tests.gateway import ALICE, BOB, session

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "docs/reference/protocol.md"


class Words(forms.Form):
    text = forms.CharField()


class RoomView(PublicView):
    @handler
    def heard(self, request, *args, **kwargs):
        return {"heard_by": 2}

    @handler
    def forbidden(self, request, *args, **kwargs):
        raise exceptions.NotPermitted("nobody may")

    @handler(form=Words)
    def says(self, request, *args, **kwargs):
        return None

    @handler
    def fails(self, request, *args, **kwargs):
        raise RuntimeError("a detail")

    @handler
    def leaves(self, request, *args, **kwargs):
        self.websocket_session.disconnect(ClosedReason.LOGOUT)


@pytest.fixture
def gateway(serve):
    gateway = serve(RoomView)
    gateway.connect()
    return gateway


class TestFrames:
    def test_are_those_that_clients_get(self, gateway, transport):
        for name in ("heard", "forbidden", "says", "leaves"):
            gateway.message({"handler": name, "id": 1})
        gateway.connect(BOB)
        gateway.message({"handler": "ping"}, BOB)

        got = [*transport.messages_to(ALICE), *transport.messages_to(BOB)]
        assert [json.loads(row[0]) for row in table(PAGE, "frame")] == got

    def test_are_all_that_the_library_makes(self):
        made = {"reply", "error", "goodbye", "pong"}

        types = {json.loads(row[0])["type"] for row in table(PAGE, "frame")}
        assert types == made
        assert made < {name for name, value in vars(frames).items() if callable(value)}


def all_below(base: type) -> list[type]:
    return [
        each for child in base.__subclasses__() for each in (child, *all_below(child))
    ]


class TestRefusals:
    def test_are_there_with_status_text_code_and_hook(self):
        declared = {
            each.__name__: [str(each.status), text_of(each), each.code, each.hook]
            for each in all_below(exceptions.Refusal)
            if each.__module__ == exceptions.__name__
        }

        assert {name: rest for name, *rest in table(PAGE, "refusal")} == declared

    def test_what_fails_has_a_code_of_its_own(self, gateway, transport):
        answer = gateway.message({"handler": "fails"})

        [frame] = transport.messages_to(ALICE)
        page = (ROOT / PAGE).read_text()
        assert f"status {answer.status_code}, and with an `error` frame" in page
        assert f"code `{frame['code']}`" in page


def text_of(refusal: type) -> str:
    if refusal is exceptions.OwnCheckFailed:
        return "the text of your check"
    if refusal is exceptions.MissingHeaders:
        return exceptions.MissingHeaders(["a"]).public_text.replace("1", "N")
    return refusal.public_text


def test_the_token_endpoint_answers_as_listed(settings):
    settings.ROOT_URLCONF = (path("token", WebSocketTokenView.as_view()),)
    settings.WEBSOCKETS = {**settings.WEBSOCKETS, "token_rate_limit_per_minute": 1}
    client = logged_in()
    asked = {"secure": True, "SERVER_NAME": "site.example"}
    strict = Client(enforce_csrf_checks=True)
    answers = [
        client.post("/token", **asked),
        Client().post("/token", **asked),
        client.post("/token", **asked),
        strict.post("/token", **asked),
        client.get("/token", **asked),
    ]

    listed = [row[1] for row in rows_of("request")]
    assert [int(text[:3]) for text in listed] == [each.status_code for each in answers]
    given, nobody, too_often, *_ = answers
    assert set(given.json()) == {"token", "expires_in"}
    assert nobody.content.decode() in listed[1]
    assert too_often.content.decode() in listed[2]
    assert "Retry-After" in too_often


class TestGoodbyes:
    def test_have_every_reason(self):
        listed = [row[0] for row in table(PAGE, "reason")]

        assert listed == ClosedReason.values

    def test_say_what_is_listed(self, gateway, transport):
        told = {reason: reconnect for reason, reconnect, _ in table(PAGE, "reason")}
        for reason in (reason for reason in told if told[reason]):
            gateway.connect(f"{reason}=")
            session(f"{reason}=").disconnect(ClosedReason(reason))

            [goodbye] = transport.messages_to(f"{reason}=")
            assert goodbye["reason"] == reason
            assert json.dumps(goodbye["reconnect"]) == told[reason]


def rows_of(first_heading: str) -> list[list[str]]:
    """A table's rows, each cell as it is written."""
    text = (ROOT / PAGE).read_text()
    (rows,) = re.findall(
        rf"^\| {first_heading} \|.*\n\|[-|]+\n((?:\|.*\n)+)", text, re.MULTILINE
    )
    return [
        [cell.strip() for cell in row.strip("|").split("|")]
        for row in rows.splitlines()
    ]
