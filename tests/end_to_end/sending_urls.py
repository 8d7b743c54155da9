import os
import sys
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import path

from django_aws_api_gateway_websockets.models import WebSocketSession
from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.views import WebSocketView


def said(channel: str, text: str) -> dict[str, Any]:
    """Say it to everybody, and tell what there is in this process by now."""
    room = WebSocketSession.objects.filter(channel_name=channel)
    result: Any = room.send_message({"type": "said", "text": text})
    aws = sorted({"boto3", "botocore"} & sys.modules.keys())
    return {"sent": result.sent, "process": os.getpid(), "aws": aws}


class RoomView(WebSocketView):
    USE_WS_TOKEN = False
    RATE_LIMIT_ENABLED = False

    @handler
    def say(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return said(self.websocket_session.channel_name, self.body["text"])


def say(request: HttpRequest, channel: str, text: str) -> JsonResponse:
    return JsonResponse(said(channel, text))


urlpatterns = [
    path("ws/<slug:route>", RoomView.as_view()),
    path("say/<slug:channel>/<slug:text>", say),
]
