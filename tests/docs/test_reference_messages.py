"""docs/reference/protocol.md on messages: pings, custom routes and what forms get."""

import json

import pytest
from django import forms

from django_aws_api_gateway_websockets.exceptions import HostNotInOrigin
from django_aws_api_gateway_websockets.routing import handler
from tests.app.echo import PublicView, refusal
from tests.docs.pages import table
from tests.docs.test_reference_protocol import PAGE
from tests.gateway import ALICE, BOB, Gateway

pytestmark = pytest.mark.django_db(transaction=True)

COLORS = [("red", "Red"), ("blue", "Blue")]


class ValueForm(forms.Form):
    value = forms.CharField(required=False)
    colors = forms.MultipleChoiceField(choices=COLORS, required=False)
    anything = forms.JSONField(required=False)

    def clean(self):
        if self.cleaned_data.get("value") == "no":
            raise forms.ValidationError("Not this one.")


class FormView(PublicView):
    @handler(form=ValueForm)
    def take(self, request, *args, **kwargs):
        return self.cleaned_data

    @handler
    def say(self, request, *args, **kwargs):
        return {"asked": "say"}

    def default(self, request, *args, **kwargs):
        return {"asked": "default"}


@pytest.fixture
def gateway(serve):
    gateway = serve(FormView)
    gateway.connect()
    return gateway


@pytest.fixture
def answer(gateway, transport):
    """The one frame that comes back for a message."""

    def answer(message, route="default"):
        transport.clear()
        body = message if isinstance(message, bytes) else json.dumps(message)
        gateway.call(route, body)
        [frame] = transport.messages_to(ALICE)
        return frame

    return answer


@pytest.mark.parametrize("message", [{"handler": "ping"}, b"ping"])
def test_both_pings_are_answered(answer, caplog, message):
    caplog.set_level("INFO")

    assert answer(message) == {"type": "pong"}
    assert caplog.records[-1].args["handler"] == "ping"


def test_a_custom_route_picks_the_handler_that_is_called_like_it(answer):
    assert answer({"action": "say"}, route="say")["data"] == {"asked": "say"}
    assert answer({"text": "hello"}, route="say")["data"] == {"asked": "say"}
    assert answer({"text": "hello"}, route="other")["data"] == {"asked": "default"}


def test_a_form_gets_each_kind_of_value_as_listed(answer):
    wrong = {"value": ["Enter a valid value."]}

    def taken(field, value):
        frame = answer({"handler": "take", field: value})
        return frame["data"][field] if frame["type"] == "reply" else frame["fields"]

    values = [json.loads(row[0]) for row in table(PAGE, "in JSON")]
    assert values == ["red", 5, True, None, ["red", "blue"], {"a": 1}]
    assert [taken("value", each) for each in values] == [
        "red", "5", "true", "", wrong, wrong,
    ]  # fmt: skip
    assert taken("colors", ["red", "blue"]) == ["red", "blue"]
    assert taken("anything", {"a": 1}) == {"a": 1}


def test_what_no_field_says_is_under_all(answer):
    frame = answer({"handler": "take", "value": "no"})

    assert frame["fields"] == {"__all__": ["Not this one."]}


def test_other_hosts_are_answered_by_django_or_else_by_the_view(gateway, settings):
    common = "django.middleware.common.CommonMiddleware"
    refused = (HostNotInOrigin.status, HostNotInOrigin.public_text)

    status, text = refusal(gateway.connect(BOB, host="other.example"))
    assert common in settings.MIDDLEWARE
    assert status == 400
    assert text != HostNotInOrigin.public_text

    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each != common]
    gateway = Gateway()
    assert refusal(gateway.connect(BOB, host="other.example")) == refused
