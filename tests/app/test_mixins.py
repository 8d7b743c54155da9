"""Views of pages that put a route and a channel into the context, as the peer's do."""

from types import ModuleType

import pytest
from django.apps import AppConfig, apps
from django.core.exceptions import ImproperlyConfigured
from django.template import engines
from django.views.generic import TemplateView

from django_aws_api_gateway_websockets.mixins import (
    AddWebSocketRouteToContextMixin,
    AppChannelWebSocketMixin,
)
from django_aws_api_gateway_websockets.models import (
    ApiGateway,
    ApiGatewayAdditionalRoute,
)

pytestmark = pytest.mark.django_db


class Page(AddWebSocketRouteToContextMixin, TemplateView):
    template_name = "page.html"


class AppPage(AppChannelWebSocketMixin, TemplateView):
    template_name = "page.html"


def context_of(view, rf, **arguments):
    made = view()
    made.setup(rf.get("/"), **arguments)
    return made.get_context_data(**arguments)


def route(key, gateway="one"):
    owner, _ = ApiGateway.objects.get_or_create(
        api_name=gateway, defaults={"domain_name": "ws.example"}
    )
    return ApiGatewayAdditionalRoute.objects.create(
        api_gateway=owner, name=f"{gateway}-{key}", route_key=key
    )


def in_module(view, module):
    return type(view.__name__, (view,), {"__module__": module})


class TestAddWebSocketRouteToContextMixin:
    def test_has_these_defaults(self, rf):
        found = route("default")

        context = context_of(Page, rf)

        assert context["api_gateway_route"] == found
        assert context["channel_name"] == ""

    def test_takes_the_route_with_its_key_and_its_channel(self, rf):
        route("default")
        found = route("chat")

        class ChatPage(Page):
            websocket_route_key = "chat"
            channel_name = "lobby"

        context = context_of(ChatPage, rf)
        assert context["api_gateway_route"] == found
        assert context["channel_name"] == "lobby"

    def test_takes_the_first_of_several_gateways(self, rf):
        found = route("default", "later in the alphabet")
        route("default", "a")

        assert context_of(Page, rf)["api_gateway_route"] == found

    def test_has_no_route_where_there_is_none(self, rf):
        route("chat")

        assert context_of(Page, rf)["api_gateway_route"] is None

    def test_keeps_what_else_is_in_the_context(self, rf):
        context = context_of(Page, rf, room=7)

        assert context["room"] == 7
        assert isinstance(context["view"], Page)

    def test_has_its_own_channel_whatever_is_in_the_address(self, rf):
        class LobbyPage(Page):
            channel_name = "lobby"

        assert (
            context_of(LobbyPage, rf, channel_name="staff")["channel_name"] == "lobby"
        )

    def test_gives_a_template_the_gateway_in_one_query(
        self, rf, django_assert_num_queries
    ):
        route("default")
        template = engines["django"].from_string(
            "wss://{{ api_gateway_route.api_gateway.domain_name }}?channel={{ channel_name }}"
        )

        with django_assert_num_queries(1):
            text = template.render(context_of(Page, rf))

        assert text == "wss://ws.example?channel="


class TestAppChannelWebSocketMixin:
    def test_takes_the_name_of_the_app_for_both(self, rf):
        found = route("demo")

        context = context_of(in_module(AppPage, "demo.views"), rf)

        assert context["api_gateway_route"] == found
        assert context["channel_name"] == "demo"

    def test_takes_another_channel_and_keeps_the_route(self, rf):
        found = route("demo")

        class Overridden(AppPage):
            app_channel_override = "lobby"

        context = context_of(in_module(Overridden, "demo.views"), rf)
        assert context["api_gateway_route"] == found
        assert context["channel_name"] == "lobby"

    @pytest.mark.parametrize(
        ("module", "name"),
        [
            ("demo.views.pages", "demo"),  # views may be a package
            ("django.contrib.admin.views.main", "admin"),  # an app in a package
            ("config.views", "config"),  # a package that is no app
        ],
    )
    def test_takes_a_name_that_a_channel_can_have(self, rf, module, name):
        context = context_of(in_module(AppPage, module), rf)

        assert context["channel_name"] == name

    def test_takes_the_name_of_the_package_whatever_the_label(self, rf, settings):
        """As others write into that channel by its name."""
        shop = ModuleType("shop")
        shop.__path__ = ["/nowhere"]
        config = type("Shop", (AppConfig,), {"path": "/nowhere", "label": "my_shop"})
        apps.app_configs["my_shop"] = config("shop", shop)
        try:
            context = context_of(in_module(AppPage, "shop.views"), rf)
        finally:
            del apps.app_configs["my_shop"]

        assert context["channel_name"] == "shop"

    def test_in_no_app_is_an_error_with_its_remedy(self, rf):
        with pytest.raises(ImproperlyConfigured, match="INSTALLED_APPS"):
            context_of(in_module(AppPage, "loose"), rf)
