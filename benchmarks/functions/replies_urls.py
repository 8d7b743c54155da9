"""The site's pages, and sockets that answer only if they are asked to."""

from typing import Any

from django.http import HttpRequest
from django.urls import path

from config.urls import urlpatterns as site_urls
from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.views import WebSocketView


class RepliesView(WebSocketView):
    USE_WS_TOKEN = False  # like the demo's

    @handler
    def listen(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        return None

    @handler
    def reply(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> dict[str, str] | None:
        return {"text": self.body["text"]}


urlpatterns = [path("ws/<slug:route>", RepliesView.as_view()), *site_urls]
