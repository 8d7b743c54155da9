"""What the app and its peer both can serve, and a view with no database behind it."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from django_aws_api_gateway_websockets.views import WebSocketTokenView, WebSocketView


class ListeningView(WebSocketView):
    ALLOWED_HANDLERS = frozenset({"listen"})

    def listen(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        return None


@csrf_exempt
def bare(request: HttpRequest, route: str) -> JsonResponse:
    return JsonResponse({})


urlpatterns = [
    path("bare/<slug:route>", bare),
    path("token", WebSocketTokenView.as_view()),
    path("ws/<slug:route>", ListeningView.as_view()),
]
