"""What `manage.py check` says about the handlers of the views that URLs lead to."""

import pytest
from django.core.checks import run_checks
from django.urls import include, path

from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.views import WebSocketView

pytestmark = pytest.mark.django_db  # which checks of Django 6.1 ask


class PeersView(WebSocketView):
    """As written for a package in which clients may call any method."""

    attribute = "text"

    def chat(self, request, *args, **kwargs):
        """Looks like a handler."""

    def also(self, request, route):
        """Looks like one, too."""

    def helper(self, text):
        """A message would not fit it."""

    def _private(self, request, *args, **kwargs):
        """Nobody's business."""

    def default(self, request, *args, **kwargs):
        """Can be called anyway."""

    def connect(self, request, *args, **kwargs):
        """A part of the view."""


class StaticView(WebSocketView):
    """With methods that need no view, and no client can call."""

    @staticmethod
    def static(request, *args, **kwargs):
        """Looks like a handler."""

    @classmethod
    def of_class(cls, request, *args, **kwargs):
        """Looks like one, too."""

    @staticmethod
    def helper(text):
        """A message would not fit it."""


class DeclaredView(PeersView):
    @handler
    def chat(self, request, *args, **kwargs):
        """Is one."""

    @handler
    def also(self, request, *args, **kwargs):
        """Is one, too."""


def reported(*patterns, settings, deploy=False):
    settings.ROOT_URLCONF = tuple(patterns)
    return [
        (message.id.rpartition(".")[2], message.obj.__name__, message.msg)
        for message in run_checks(include_deployment_checks=deploy)
        if message.id.startswith("django_aws_api_gateway_websockets.") and message.obj
    ]


def at(view, **options):
    return path("ws/<slug:route>", view.as_view(**options))


class TestUndeclaredHandlers:
    def test_are_reported_one_by_one(self, settings):
        assert reported(at(PeersView), settings=settings) == [
            ("W008", "PeersView", f"Clients cannot call PeersView.{name}, which looks like a handler")
            for name in ("also", "chat")
        ]  # fmt: skip

    @pytest.mark.parametrize("options", [{}, {"AUTOMATIC_HANDLERS": True}], ids=str)
    def test_may_be_static_and_class_methods(self, settings, options):
        assert reported(at(StaticView, **options), settings=settings) == [
            ("W008", "StaticView", f"Clients cannot call StaticView.{name}, which looks like a handler")
            for name in ("of_class", "static")
        ]  # fmt: skip

    def test_are_found_in_included_urls_once(self, settings):
        nested = path("a/", include([path("b/", include([at(PeersView)]))]))

        assert len(reported(nested, at(PeersView), settings=settings)) == 2

    @pytest.mark.parametrize(
        "options",
        [
            {"ALLOWED_HANDLERS": ("chat",)},
            {"ADDITIONAL_ALLOWED_HANDLERS": ("chat", "also")},
            {"AUTOMATIC_HANDLERS": True},
        ],
        ids=str,
    )
    def test_are_none_where_the_view_says_which_ones_it_has(self, settings, options):
        assert reported(at(PeersView, **options), settings=settings) == []
        assert reported(at(DeclaredView), settings=settings) == []

    def test_do_not_matter_in_a_view_that_no_url_leads_to(self, settings):
        assert reported(at(WebSocketView), settings=settings) == []


class TestUncallableHandlers:
    @pytest.mark.parametrize(
        "name", ["missing", "attribute", "_private", "connect", "dispatch"]
    )
    def test_are_reported(self, settings, name):
        view = at(DeclaredView, ALLOWED_HANDLERS=(name,))

        [(identifier, _, text)] = reported(view, settings=settings)
        assert identifier == "W009"
        assert f"DeclaredView.{name}, declared" in text

    def test_may_be_static(self, settings):
        view = at(StaticView, ADDITIONAL_ALLOWED_HANDLERS=("static", "of_class"))

        texts = [text for *_, text in reported(view, settings=settings)]

        assert texts == [
            "Clients cannot call StaticView.of_class, declared as a handler",
            "Clients cannot call StaticView.static, declared as a handler",
        ]

    def test_may_be_marked_ones(self, settings):
        class MarkedView(WebSocketView):
            @handler
            def disconnect(self, request, *args, **kwargs):
                """A part of the view."""

            @handler
            @staticmethod
            def static(request, *args, **kwargs):
                """No method."""

        assert [text for *_, text in reported(at(MarkedView), settings=settings)] == [
            "Clients cannot call MarkedView.disconnect, declared as a handler",
            "Clients cannot call MarkedView.static, declared as a handler",
        ]


@pytest.mark.parametrize(("deploy", "found"), [(False, []), (True, ["W005"])])
def test_automatic_handlers_are_reported_before_a_deployment(settings, deploy, found):
    view = at(PeersView, AUTOMATIC_HANDLERS=True, ALLOW_UNLISTED_CHANNELS=False)

    warnings = reported(view, settings=settings, deploy=deploy)

    assert [identifier for identifier, *_ in warnings] == found


def test_a_project_without_urls_has_nothing_to_report(settings):
    del settings.ROOT_URLCONF

    assert not [
        message for message in run_checks() if message.id and "W008" in message.id
    ]
