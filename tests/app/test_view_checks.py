"""What `manage.py check` says about what views declare."""

import re

import pytest
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.checks import run_checks
from django.urls import path

from django_aws_api_gateway_websockets.checks.view_attributes import ATTRIBUTES
from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.views import WebSocketView
from tests.app.reports import APP, reports_of

pytestmark = pytest.mark.django_db  # which checks of Django 6.1 ask


@pytest.fixture
def reported(settings):
    settings.WEBSOCKETS = {
        **settings.WEBSOCKETS,
        "callback_url": "https://a.execute-api.eu-west-1.amazonaws.com/production",
        "transport": f"{APP}.messaging.sender.Sender",
    }

    def reported(view=WebSocketView, *, deploy=False, **attributes):
        """Ids and texts, of a subclass with these attributes."""
        view = type("OwnView", (view,), {"__module__": __name__, **attributes})
        settings.ROOT_URLCONF = (path("ws/<slug:route>", view.as_view()),)
        return reports_of(run_checks(include_deployment_checks=deploy))

    return reported


class ClosedView(WebSocketView):
    """With nothing to say about it."""

    ALLOW_UNLISTED_CHANNELS = False


class PublicView(WebSocketView):
    USE_WS_TOKEN = False


def test_views_as_they_come_have_nothing_to_report(reported):
    assert reported() == []
    assert reported(ClosedView, deploy=True) == []
    assert reported(PublicView, deploy=True) == []


WRONG_VALUES = [
    ("USE_WS_TOKEN", "False"),
    ("USE_WS_TOKEN", None),
    ("RATE_LIMIT_ENABLED", 1),
    ("RATE_LIMIT_MAX_ATTEMPTS", -1),
    ("RATE_LIMIT_MAX_ATTEMPTS", "20"),
    ("RATE_LIMIT_WINDOW_MINUTES", 1.5),
    ("permissions_required", 5),
    ("permissions_required", ["support.answer", 5]),
    ("all_permissions_required", {"support.answer": True}),
    ("CHECK_PERMISSIONS_ON_CONNECT", "yes"),
    ("ALLOW_UNLISTED_CHANNELS", 0),
    ("CHANNEL_NAME_PATTERN", "[a-z"),
    ("CHANNEL_NAME_PATTERN", re.compile(b"[a-z]+")),
    ("MAX_CHANNEL_NAME_LENGTH", 0),
    ("MAX_CHANNEL_NAME_LENGTH", 256),
    ("ALLOWED_HANDLERS", 5),
    ("ALLOWED_HANDLERS", None),
    ("ADDITIONAL_ALLOWED_HANDLERS", [str]),
    ("AUTOMATIC_HANDLERS", "True"),
    ("handler_selection_key", ("handler",)),
    ("route_selection_key", None),
    ("MAX_BODY_SIZE", 0),
    ("MAX_BODY_SIZE", "128K"),
    ("atomic", "default"),
    ("SEND_EXCEPTION_MAIL", 1),
    ("EXCEPTION_MAIL_INTERVAL", -1),
    ("debug", "False"),
    ("required_headers", None),
    ("additional_required_headers", b"Origin"),
    ("required_connection_headers", [None]),
    ("CHECK_CONNECT_USERAGENT", "no"),
    ("expected_useragent_prefix", None),
    ("checks", ["own_checks_pass"]),
    ("checks", len),
]


@pytest.mark.parametrize(("name", "value"), WRONG_VALUES, ids=repr)
def test_a_wrong_value_is_named_with_what_is_expected(reported, name, value):
    [(id_, text)] = reported(**{name: value})

    assert id_ == "E007"
    assert text.startswith(f"OwnView.{name} is ")
    assert "it has to be " in text
    assert text.endswith("then the default holds")


def test_each_attribute_has_a_wrong_value_above():
    assert {name for name, _ in WRONG_VALUES} == set(ATTRIBUTES)


@pytest.mark.parametrize(
    "attributes",
    [
        {"permissions_required": "support.answer"},
        {"permissions_required": ("support.answer", "support.ask")},
        {"all_permissions_required": {"support.answer"}},
        {"ALLOWED_HANDLERS": ("default",)},
        {"ALLOWED_HANDLERS": "default"},
        {"CHANNEL_NAME_PATTERN": "[a-z]+"},
        {"CHANNEL_NAME_PATTERN": re.compile("[a-z]+")},
        {"required_headers": ["Connectionid"]},
        {"checks": [*WebSocketView.checks, lambda attempt: None]},
        {"MAX_CHANNEL_NAME_LENGTH": 255},
    ],
)
def test_right_values_are_not_reported(reported, attributes):
    assert reported(**attributes) == []


def test_an_option_of_as_view_is_looked_at_too(settings):
    url = path("ws/<slug:route>", WebSocketView.as_view(debug="False"))
    settings.ROOT_URLCONF = (url,)

    [error] = run_checks()
    assert error.id == f"{APP}.E007"
    assert "WebSocketView.debug is 'False'" in error.msg


def test_what_a_view_finds_out_for_each_request_is_left_alone(reported):
    def by_request(view):
        return view.request.user.is_staff

    for name in ("debug", "USE_WS_TOKEN", "AUTOMATIC_HANDLERS", "ALLOWED_HANDLERS"):
        assert reported(deploy=True, **{name: property(by_request)}) == []


class Raising:
    """A descriptor that fails, of the class as of a view."""

    def __get__(self, view, owner=None):
        raise RuntimeError("there is no request")


class FailingView(WebSocketView):
    def __init__(self, **options):
        raise RuntimeError("no view is made without a request")


class DemandingView(WebSocketView):
    def __init__(self, needed, **options):
        super().__init__(**options)


class SecretiveView(WebSocketView):
    def __getattribute__(self, name):
        if name == "permissions_required":
            raise KeyError(name)
        return super().__getattribute__(name)


class TestViewsThatCannotBeLookedAt:
    @pytest.mark.parametrize(
        ("view", "text"),
        [
            (FailingView, "RuntimeError: no view is made without a request"),
            (DemandingView, "TypeError: DemandingView.__init__() missing 1"),
            (SecretiveView, "KeyError: 'permissions_required'"),
        ],
    )
    @pytest.mark.parametrize("deploy", [False, True])
    def test_are_named_with_what_they_raise(self, reported, view, text, deploy):
        [(id_, said)] = reported(view, deploy=deploy)

        assert id_ == "E013"
        assert said.startswith("OwnView ")
        assert text in said

    def test_are_named_once_and_leave_the_others_alone(self, settings):
        views = (FailingView, PublicView, FailingView)
        settings.ROOT_URLCONF = (
            *(
                path(f"{n}/<slug:route>", view.as_view())
                for n, view in enumerate(views)
            ),
            path("debug/<slug:route>", PublicView.as_view(debug=5)),
        )

        found = [(each.obj, each.id[-4:]) for each in run_checks()]
        assert sorted(found, key=str) == [(FailingView, "E013"), (PublicView, "E007")]

    @pytest.mark.parametrize("name", [*ATTRIBUTES, "room", "helper"])
    def test_are_none_with_an_attribute_that_fails(self, reported, name):
        assert reported(deploy=True, **{name: Raising()}) in (
            [],  # it is asked for when there is a request
            reported(deploy=True),
        )

    def test_may_fail_without_words(self, reported):
        class Silent(Exception):
            def __str__(self):
                raise RuntimeError("no words")

        def fail(view, **options):
            raise Silent

        [(id_, text)] = reported(__init__=fail)
        assert id_ == "E013"
        assert "Silent" in text


def test_names_that_can_be_read_once_alone_are_reported(reported):
    for name in ("permissions_required", "ALLOWED_HANDLERS", "required_headers"):
        [(id_, _)] = reported(**{name: (each for each in ["support.answer"])})

        assert id_ == "E007"


def test_values_of_classes_that_fail_are_reported_like_others(reported):
    class Text(str):
        __slots__ = ()

        def __repr__(self):
            raise RuntimeError("nobody may see it")

    class Several:
        def __iter__(self):
            raise RuntimeError("there are none")

    assert [id_ for id_, _ in reported(permissions_required=Text("x"))] == ["W018"]
    assert [id_ for id_, _ in reported(required_headers=Several())] == ["E007"]


class TestMisspeltAttributes:
    @pytest.mark.parametrize(
        ("name", "meant"),
        [
            ("ALLOW_UNLISTED_CHANNEL", "ALLOW_UNLISTED_CHANNELS"),
            ("permission_required", "permissions_required"),
            ("use_ws_token", "USE_WS_TOKEN"),
            ("DEBUG", "debug"),
            ("RATE_LIMIT_ENABLE", "RATE_LIMIT_ENABLED"),
        ],
    )
    def test_are_reported_with_the_one_that_is_meant(self, reported, name, meant):
        [(id_, text)] = reported(**{name: ()})

        assert id_ == "W015"
        assert f"OwnView.{name} " in text
        assert f"Do you mean {meant}?" in text

    def test_are_none_that_a_view_has_for_itself(self, reported):
        own = {"room_size": 5, "MAX_MEMBERS": 10, "nickname_pattern": "[a-z]+"}

        assert reported(**own, checked=handler(lambda self, *_, **__: None)) == []

    def test_are_none_of_another_class_of_django(self, reported):
        class MixedView(PermissionRequiredMixin, WebSocketView):
            permission_required = "support.answer"

        assert "W015" not in dict(reported(MixedView))


@pytest.mark.parametrize(
    ("attributes", "text", "hint"),
    [
        (
            {"permissions_required": "a.b", "all_permissions_required": "a.c"},
            "permissions_required does not count",
            "Take one of them out",
        ),
        (
            {"CHECK_PERMISSIONS_ON_CONNECT": True},
            "no permission is required",
            "Set permissions_required, or take it out",
        ),
        (
            {"RATE_LIMIT_ENABLED": False, "RATE_LIMIT_MAX_ATTEMPTS": 5},
            "do not count",
            "Take them out, or RATE_LIMIT_ENABLED",
        ),
    ],
)
def test_attributes_that_contradict_each_other_are_reported(
    reported, attributes, text, hint
):
    [(id_, said)] = reported(**attributes)

    assert id_ == "W016"
    assert text in said
    assert said.endswith(hint)


def test_own_permissions_contradict_nothing(reported):
    own = {"has_required_permissions": lambda self, request: request.user.is_staff}

    assert reported(CHECK_PERMISSIONS_ON_CONNECT=True, **own) == []


@pytest.mark.parametrize("name", ["answer_case", "", ".answer", "support.", "a b"])
def test_a_permission_that_nobody_can_have_is_reported(reported, name):
    for attribute in ("permissions_required", "all_permissions_required"):
        [(id_, text)] = reported(**{attribute: [name, "support.ask"]})

        assert id_ == "W018"
        assert f"OwnView.{attribute} has {name!r}" in text


class TestBeforeADeployment:
    @pytest.mark.parametrize(
        ("attributes", "id_"),
        [
            ({"ALLOW_UNLISTED_CHANNELS": True}, "W004"),
            ({"debug": True}, "W011"),
            ({"USE_WS_TOKEN": False, "permissions_required": "a.b"}, "W012"),
            ({"USE_WS_TOKEN": False, "all_permissions_required": ["a.b"]}, "W012"),
        ],
    )
    def test_what_may_be_unsafe_is_reported(self, reported, attributes, id_):
        assert reported(ClosedView, **attributes) == []
        [(said, text)] = reported(ClosedView, deploy=True, **attributes)

        assert said == id_
        assert "OwnView" in text

    def test_channels_that_a_method_guards_are_fine(self, reported):
        def can_join_channel(view, request, channel_name):
            return request.user.is_staff

        assert reported(deploy=True, can_join_channel=can_join_channel) == []
