"""For views of pages: a route and a channel in the context of their template."""

from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from .models import ApiGatewayAdditionalRoute


class AddWebSocketRouteToContextMixin:
    """Adds `api_gateway_route`, the additional route with this key, and `channel_name`.

    The route is None where no gateway has one with the key. An address is in neither:
    that is what `{% websocket channel=channel_name %}` writes.
    """

    websocket_route_key: str = "default"
    channel_name: str = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return {
            **context,
            "api_gateway_route": self.get_api_gateway_route(),
            "channel_name": self.get_channel_name(),
        }

    def get_api_gateway_route(self) -> ApiGatewayAdditionalRoute | None:
        """Of several gateways that have it, the route that was added first."""
        routes = ApiGatewayAdditionalRoute.objects.select_related("api_gateway")
        key = self.get_websocket_route_key()
        return routes.filter(route_key=key).first()

    def get_websocket_route_key(self) -> str:
        return self.websocket_route_key

    def get_channel_name(self) -> str:
        return self.channel_name


class AppChannelWebSocketMixin(AddWebSocketRouteToContextMixin):
    """Takes the name of the view's app as the key of the route, and as the channel.

    `app_channel_override` is another channel.
    """

    app_channel_override: str | None = None

    def get_websocket_route_key(self) -> str:
        return self.app_name

    def get_channel_name(self) -> str:
        return self.app_channel_override or self.app_name

    @property
    def app_name(self) -> str:
        """`shop` for the views of `shop` and of `company.shop`: no channel has a dot."""
        module = type(self).__module__
        app = apps.get_containing_app_config(module)
        package = app.name if app else module.rpartition(".")[0]
        if not package:
            raise ImproperlyConfigured(
                f"{type(self).__name__} is in no app: put it into one of INSTALLED_APPS"
            )
        return package.rpartition(".")[2]
