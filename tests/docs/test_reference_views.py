"""docs/reference/views.md has each attribute, hook and check of a view."""

import inspect
import json
import re
from ast import literal_eval
from functools import reduce

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404
from django.views.generic import View

from django_aws_api_gateway_websockets import exceptions, models
from django_aws_api_gateway_websockets.admission import CHECKS
from django_aws_api_gateway_websockets.exceptions import Refusal
from django_aws_api_gateway_websockets.messaging import broadcast
from django_aws_api_gateway_websockets.models import (
    BroadcastResult,
    ChannelPermission,
)
from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.echo import refusal
from tests.app.logins import connect_with_token, user_named
from tests.docs.pages import ROOT, blocks, table, tables
from tests.gateway import ALICE, BOB

PAGE = "docs/reference/views.md"
OWN = [
    each
    for each in WebSocketView.__mro__
    if each.__module__.startswith("django_aws_api_gateway_websockets.")
]
DECLARED = {
    name: getattr(WebSocketView, name)
    for each in OWN
    for name in vars(each)
    if not hasattr(View, name)
}
METHODS = {name for name, value in DECLARED.items() if inspect.isfunction(value)}
HOOK_WITH_AN_UNDERSCORE = "_additional_connection_checks"
FILLED_IN = {"aws_api_gateway_id", "websocket_session"}


def values(default: object) -> object:
    """Names are given as a text or as a collection of whatever kind."""
    if isinstance(default, re.Pattern):
        return default.pattern
    return tuple(default) if isinstance(default, frozenset | list | set) else default


def test_each_attribute_is_there_with_its_default():
    defaults = {
        name: values(value)
        for name, value in DECLARED.items()
        if name not in METHODS | FILLED_IN and not name.startswith("_")
    }

    listed = {row[0]: row[1] for row in table(PAGE, "attribute")}
    names = {"CHECKS": CHECKS, WebSocketView.CHANNEL_NAME_PATTERN.pattern: defaults["CHANNEL_NAME_PATTERN"]}  # fmt: skip
    assert {
        name: names[text] if text in names else literal_eval(text)
        for name, text in listed.items()
    } == defaults


def test_each_attribute_that_a_method_finds_is_there():
    annotated = {name for each in OWN for name in inspect.get_annotations(each)}

    listed = {row[0] for row in table(PAGE, "in `self`")}
    assert (
        listed
        == {name for name in annotated if not hasattr(WebSocketView, name)} | FILLED_IN
    )


def test_each_method_to_override_is_there_with_its_arguments():
    public = {name for name in METHODS if not name.startswith("_")} - {"post"}

    listed = {}
    for row in tables(PAGE, "method")[0]:
        name, arguments = re.fullmatch(r"(\w+)\((.*)\)", row[0]).groups()
        listed[name] = arguments.replace("…", "args, kwargs").split(", ")
    assert listed == {
        name: list(inspect.signature(DECLARED[name]).parameters)[1:]
        for name in public | {HOOK_WITH_AN_UNDERSCORE}
    }


def test_each_method_of_a_model_is_there_with_its_arguments():
    rows = tables(PAGE, "method")[1]

    assert rows
    for path, arguments in (row[0].removesuffix(")").split("(") for row in rows):
        model, *names = path.split(".")
        method = reduce(getattr, names, getattr(models, model))
        parameters = inspect.signature(method).parameters
        assert [each for each in parameters if each != "self"] == arguments.split(", ")


def test_what_is_in_a_result_is_there():
    own = {name for name in vars(BroadcastResult) if not name.startswith("_")}
    kept = set(vars(BroadcastResult())) - {"listed", "not_sent", "sent_to"}

    listed = {row[0].split("(")[0] for row in table(PAGE, "in a result")}
    assert listed == (own - {"add", "count_reason"}) | kept


def test_an_entry_of_a_result_and_its_limits_are_as_they_are_said_to_be():
    text = (ROOT / PAGE).read_text()

    assert f"`{json.dumps(broadcast.SENT_RESPONSE)}`" in text
    most = f"{broadcast.MOST_REASONS} different ones at most"
    assert f"{most}, the rest counted as `{broadcast.OTHER_REASONS}`" in text
    assert f"name the first\n{broadcast.MOST_LISTED:,} of each outcome" in text


def test_the_checks_are_there_in_their_order_with_what_they_raise():
    listed = table(PAGE, "check")

    assert [row[0] for row in listed] == [check.__name__ for check in CHECKS]
    assert all(issubclass(getattr(exceptions, row[1]), Refusal) for row in listed)


def example(caption: str) -> dict:
    (text,) = [block.text for block in blocks(PAGE) if block.caption == caption]
    names = {"__name__": "example"}
    exec(text, names)
    return names


@pytest.mark.django_db(transaction=True)
class TestTheExamples:
    def test_permissions_are_asked_for_and_refusals_told(self, serve, transport):
        gateway = serve(example("views.py")["SupportView"])
        user = user_named()
        ChannelPermission.objects.create(channel_name="lobby")
        assert refusal(connect_with_token(gateway, BOB, channel="other"))[0] == 403
        connect_with_token(gateway)

        gateway.message({"handler": "assign", "case": 7})
        user.user_permissions.add(support_permission())
        gateway.message({"handler": "assign", "case": 7})
        User.objects.update(is_staff=True)
        gateway.message({"handler": "assign", "case": 7})

        *refused, reply = transport.messages_to(ALICE)
        assert [frame["code"] for frame in refused] == ["permission_denied"] * 2
        assert reply["data"] == {"assigned": 7}

    def test_a_check_is_added(self, serve):
        gateway = serve(example("checks.py")["FewSocketsView"])

        answers = [connect_with_token(gateway, f"{each}=") for each in range(6)]

        assert [each.status_code for each in answers] == [200] * 5 + [403]

    def test_a_coroutine_has_form_transaction_and_messages(self, serve, transport):
        gateway = serve(example("coroutines.py")["GroupsView"])
        connect_with_token(gateway)

        gateway.message({"handler": "add"})
        gateway.message({"handler": "add", "name": "readers"})

        refused, added, reply = transport.messages_to(ALICE)
        assert refused["fields"] == {"name": ["This field is required."]}
        assert added == {"type": "added", "group": Group.objects.get().pk}
        assert reply["data"] == {"groups": 1}

    def test_a_function_is_a_transaction_that_messages_wait_for(self, serve, transport):
        alice = user_named()
        connect_with_token(serve(WebSocketView))

        example("renaming.py")["rename"](alice.pk, "alicia")

        assert User.objects.get().username == "alicia"
        assert transport.messages_to(ALICE) == [{"type": "renamed"}]

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (PermissionDenied, "permission_denied"),
            (Http404, "invalid_request_format"),
            (SuspiciousOperation, "invalid_request_format"),
        ],
    )
    def test_errors_of_django_are_refusals(self, serve, transport, error, code):
        class RaisingView(WebSocketView):
            @handler
            def fails(self, request, *args, **kwargs):
                raise error

        gateway = serve(RaisingView)
        connect_with_token(gateway)

        gateway.message({"handler": "fails"})

        assert [frame["code"] for frame in transport.messages_to(ALICE)] == [code]


def support_permission() -> Permission:
    kind, _ = ContentType.objects.get_or_create(app_label="support", model="case")
    return Permission.objects.create(
        content_type=kind, codename="answer", name="May answer"
    )
