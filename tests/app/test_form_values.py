"""What a form makes of JSON's types, of which a page's own forms know none but text."""

import json

import pytest
from django import forms
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from django_aws_api_gateway_websockets.routing import handler
from tests.app.echo import PublicView
from tests.gateway import ALICE

pytestmark = pytest.mark.django_db(transaction=True)

COLORS = [("red", "Red"), ("1", "One")]
EACH_KIND = {
    "text": forms.CharField(required=False),
    "number": forms.IntegerField(required=False),
    "fraction": forms.FloatField(required=False),
    "flag": forms.BooleanField(required=False),
    "maybe": forms.NullBooleanField(required=False),
    "day": forms.DateField(required=False),
    "moment": forms.DateTimeField(required=False),
    "both": forms.SplitDateTimeField(required=False),
    "picked": forms.DateField(required=False, widget=forms.SelectDateWidget),
    "duration": forms.DurationField(required=False),
    "uuid": forms.UUIDField(required=False),
    "mail": forms.EmailField(required=False),
    "url": forms.URLField(required=False, assume_scheme="https"),
    "address": forms.GenericIPAddressField(required=False),
    "color": forms.ChoiceField(choices=COLORS, required=False),
    "colors": forms.MultipleChoiceField(choices=COLORS, required=False),
    "json": forms.JSONField(required=False),
    "file": forms.FileField(required=False),
}
KindsForm = type("KindsForm", (forms.Form,), EACH_KIND)


class KindsView(PublicView):
    @handler(form=KindsForm)
    def take(self, request, *args, **kwargs):
        return {name: repr(value) for name, value in self.cleaned_data.items()}


@pytest.fixture
def gateway(serve):
    gateway = serve(KindsView)
    gateway.connect()
    return gateway


@pytest.fixture
def take(gateway, transport):
    """What the form makes of one value, or the errors of that field."""

    def take(name, value):
        transport.clear()
        gateway.message(json.dumps({"handler": "take", name: value}).encode())
        [frame] = transport.messages_to(ALICE)
        if frame["type"] == "reply":
            return frame["data"][name]
        return frame["fields"][name]

    return take


WRONG = ["Enter a valid value."]
TAKEN = [
    ("text", "a", "'a'"),
    ("text", 5, "'5'"),
    ("text", 1.5, "'1.5'"),
    ("text", True, "'true'"),
    ("text", None, "''"),
    ("number", 5, "5"),
    ("number", "5", "5"),
    ("number", 5.0, "5"),
    ("number", None, "None"),
    ("fraction", 1e22, "1e+22"),
    ("flag", True, "True"),
    ("flag", False, "False"),
    ("flag", None, "False"),
    ("flag", "on", "True"),
    ("maybe", True, "True"),
    ("maybe", False, "False"),
    ("maybe", None, "None"),
    ("day", "2026-11-05", "datetime.date(2026, 11, 5)"),
    ("color", 1, "'1'"),
    ("colors", ["red", 1], "['red', '1']"),
    ("json", {"a": [1, None, "é"]}, "{'a': [1, None, 'é']}"),
    ("json", [1], "[1]"),
    ("json", "text", "'text'"),
    ("json", 5, "5"),
    ("json", False, "False"),
    ("json", None, "None"),
    ("file", {"name": "a"}, WRONG),
    ("text", ["a"], WRONG),
    ("text", {"a": 1}, WRONG),
    ("text", [], WRONG),
    ("text", "a\0b", WRONG),
    ("text", "a\ud800b", WRONG),
    ("json", "a\ud800b", WRONG),
    ("flag", {"a": 1}, WRONG),
    ("maybe", [True], WRONG),
    ("number", True, ["Enter a whole number."]),
    ("number", 1.5, ["Enter a whole number."]),
    ("day", 20261105, ["Enter a valid date."]),
    ("address", 1, ["Enter a valid IPv4 or IPv6 address."]),
    ("colors", "red", ["Enter a list of values."]),
    ("colors", [["red"]], WRONG),
    ("colors", [{"red": 1}], WRONG),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "taken"),
    TAKEN,
    ids=[f"{name} {value!a}" for name, value, _ in TAKEN],
)
def test_a_value_is_taken_as_a_page_would_send_it(take, name, value, taken):
    assert take(name, value) == taken


@given(
    name=st.sampled_from([*EACH_KIND, "both_0", "both_1", "picked_year", "picked_day"]),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda children: st.lists(children) | st.dictionaries(st.text(), children),
        max_leaves=4,
    ),
)
@hypothesis_settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_value_breaks_a_form(gateway, name, value):
    message = json.dumps({"handler": "take", name: value}).encode()

    assert gateway.message(message).status_code in {200, 400}
