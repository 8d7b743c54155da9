"""A handler with a form: what it gets, and what a client hears whose message does not fit."""

from decimal import Decimal

import pytest
from django import forms
from django.contrib.auth.models import Group

from django_aws_api_gateway_websockets.routing import handler
from tests.app.echo import PublicView
from tests.gateway import ALICE

pytestmark = pytest.mark.django_db(transaction=True)


class MessageForm(forms.Form):
    text = forms.CharField(max_length=10)
    stars = forms.IntegerField(required=False, max_value=5)
    to = forms.CharField(required=False)

    def clean(self):
        if self.cleaned_data.get("to") == self.cleaned_data.get("text"):
            raise forms.ValidationError("Nobody talks to a text.")


class FormView(PublicView):
    called = 0

    @handler(form=MessageForm)
    def chat(self, request, *args, **kwargs):
        type(self).called += 1
        return self.cleaned_data


@pytest.fixture
def gateway(serve, monkeypatch):
    monkeypatch.setattr(FormView, "called", 0)
    gateway = serve(FormView)
    gateway.connect()
    return gateway


def test_a_form_given_as_the_method_is_told_how():
    with pytest.raises(TypeError, match=r"write @handler\(form=MessageForm\)"):
        handler(MessageForm)


class TestForm:
    def test_the_handler_gets_clean_data(self, gateway, transport):
        gateway.message({"handler": "chat", "text": " hello ", "stars": 5})

        assert transport.messages_to(ALICE)[0]["data"] == {
            "text": "hello",
            "stars": 5,
            "to": "",
        }

    def test_the_client_hears_what_is_wrong_with_which_field(
        self, gateway, transport, mailoutbox, caplog
    ):
        message = {"handler": "chat", "id": "m1", "text": "x" * 11, "stars": 6}

        response = gateway.message(message)

        assert response.status_code == 400
        assert response.content == b"Invalid request format (1)"
        assert transport.messages_to(ALICE) == [
            {
                "type": "error",
                "code": "invalid_fields",
                "message": "Invalid request format (1)",
                "id": "m1",
                "fields": {
                    "text": [
                        "Ensure this value has at most 10 characters (it has 11)."
                    ],
                    "stars": ["Ensure this value is less than or equal to 5."],
                },
            }
        ]
        assert FormView.called == 0
        assert mailoutbox == []
        assert caplog.records[-1].args["reason"].endswith("invalid: stars, text")
        assert "xxx" not in caplog.text

    def test_an_error_of_no_field_is_under_all(self, gateway, transport):
        gateway.message({"handler": "chat", "text": "a", "to": "a"})

        [frame] = transport.messages_to(ALICE)
        assert frame["fields"] == {"__all__": ["Nobody talks to a text."]}

    def test_what_the_form_does_not_know_is_not_in_its_data(self, gateway, transport):
        gateway.message({"handler": "chat", "text": "a", "more": {"a": [1]}})

        assert "more" not in transport.messages_to(ALICE)[0]["data"]

    def test_a_text_that_is_quoted_back_stays_short(self, serve, transport):
        class ChoiceForm(forms.Form):
            color = forms.ChoiceField(choices=[("red", "Red")])

        class ChoiceView(PublicView):
            @handler(form=ChoiceForm)
            def paint(self, request, *args, **kwargs):
                raise AssertionError("not a color")

        gateway = serve(ChoiceView)
        gateway.connect()

        gateway.message({"handler": "paint", "color": "x" * 130_000})

        [frame] = transport.messages_to(ALICE)
        assert len(frame["fields"]["color"][0]) == 300


class TestOverriding:
    def test_a_method_that_overrides_another_keeps_its_form(self, serve, transport):
        class LouderView(FormView):
            def chat(self, request, *args, **kwargs):
                return {"text": self.cleaned_data["text"].upper()}

        gateway = serve(LouderView)
        gateway.connect()

        gateway.message({"handler": "chat"})
        gateway.message({"handler": "chat", "text": "hello"})

        refused, answered = transport.messages_to(ALICE)
        assert refused["fields"] == {"text": ["This field is required."]}
        assert answered["data"] == {"text": "HELLO"}

    def test_it_may_have_another_form(self, serve, transport):
        class ShortForm(forms.Form):
            word = forms.CharField()

        class ShortView(FormView):
            @handler(form=ShortForm)
            def chat(self, request, *args, **kwargs):
                return self.cleaned_data

        gateway = serve(ShortView)
        gateway.connect()

        gateway.message({"handler": "chat", "word": "a"})

        assert transport.messages_to(ALICE)[0]["data"] == {"word": "a"}

    @pytest.mark.parametrize("message", [{"handler": "default"}, {"action": "other"}])
    def test_default_may_have_one(self, serve, transport, message):
        class DefaultView(PublicView):
            @handler(form=MessageForm)
            def default(self, request, *args, **kwargs):
                raise AssertionError("there is no text")

        gateway = serve(DefaultView)
        gateway.connect()

        assert gateway.message(message).status_code == 400
        assert "text" in transport.messages_to(ALICE)[0]["fields"]


class TestModels:
    """Forms that read and write rows."""

    class GroupForm(forms.ModelForm):
        class Meta:
            model = Group
            fields = ("name",)

    class MemberForm(forms.Form):
        group = forms.ModelChoiceField(Group.objects.all())

    @pytest.fixture
    def groups(self, serve):
        class GroupView(PublicView):
            atomic = True

            @handler(form=self.GroupForm)
            def found(self, request, *args, **kwargs):
                Group.objects.create(**self.cleaned_data)

            @handler(form=self.MemberForm)
            def join(self, request, *args, **kwargs):
                return {"joined": self.cleaned_data["group"].name}

        gateway = serve(GroupView)
        gateway.connect()
        return gateway

    def test_a_model_form_asks_the_database(self, groups, transport):
        assert groups.message({"handler": "found", "name": "a"}).status_code == 200
        assert groups.message({"handler": "found", "name": "a"}).status_code == 400

        [frame] = transport.messages_to(ALICE)
        assert frame["fields"] == {"name": ["Group with this Name already exists."]}
        assert Group.objects.count() == 1

    def test_choices_are_those_of_now(self, groups, transport):
        groups.message({"handler": "join", "group": 1})
        group = Group.objects.create(name="later")

        groups.message({"handler": "join", "group": group.pk})
        groups.message({"handler": "join", "group": str(group.pk)})

        refused, *answers = transport.messages_to(ALICE)
        assert "group" in refused["fields"]
        assert [answer["data"] for answer in answers] == [{"joined": "later"}] * 2

    @pytest.mark.parametrize(
        "key", [True, [1], {"pk": 1}, 10**40, 1.5, -1, "", "a\0b", "a\ud800", None]
    )
    def test_no_key_breaks_a_choice(self, groups, transport, key):
        Group.objects.create(pk=1, name="a")

        assert groups.message({"handler": "join", "group": key}).status_code == 400
        assert list(transport.messages_to(ALICE)[0]["fields"]) == ["group"]


def test_a_decimal_keeps_its_digits(serve, transport):
    class PriceForm(forms.Form):
        price = forms.DecimalField()

    class PriceView(PublicView):
        @handler(form=PriceForm)
        def pay(self, request, *args, **kwargs):
            assert self.cleaned_data["price"] == Decimal("0.1")
            return self.cleaned_data

    gateway = serve(PriceView)
    gateway.connect()

    assert gateway.message({"handler": "pay", "price": 0.1}).status_code == 200
