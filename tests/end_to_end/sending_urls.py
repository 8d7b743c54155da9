import os
import sys
from typing import Any

from django.http import HttpRequest
from django.urls import path

from django_aws_api_gateway_websockets.models import WebSocketSession
from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.views import WebSocketView


class RoomView(WebSocketView):
    USE_WS_TOKEN = False
    RATE_LIMIT_ENABLED = False

    @handler
    def say(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Send to everybody, and reply with what there is in this process by now."""
        channel_name = self.websocket_session.channel_name
        room = WebSocketSession.objects.filter(channel_name=channel_name)
        result: Any = room.send_message({"type": "said", "text": self.body["text"]})
        aws = sorted({"boto3", "botocore"} & sys.modules.keys())
        return {"sent": result.sent, "process": os.getpid(), "aws": aws}


urlpatterns = [path("ws/<slug:route>", RoomView.as_view())]
