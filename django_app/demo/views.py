from hashlib import sha256
from typing import Any

from django.http import HttpRequest
from django.views.generic import TemplateView

from django_aws_api_gateway_websockets.models import WebSocketSession
from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.views import WebSocketView

MAX_TEXT_LENGTH = 2_000
MAX_NICKNAME_LENGTH = 40


class ChatPage(TemplateView):
    template_name = "demo/chat.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            max_text_length=MAX_TEXT_LENGTH,
            max_nickname_length=MAX_NICKNAME_LENGTH,
            **kwargs,
        )


class ChatView(WebSocketView):
    """Whatever somebody writes is sent to everybody in the same channel."""

    USE_WS_TOKEN = False  # anybody may chat: no login, no token
    # A minute and address: an office has one address, and a developer reloads a lot.
    RATE_LIMIT_MAX_ATTEMPTS = 120

    @handler
    def chat_message(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> dict[str, str] | None:
        text = self.body.get("message")
        if not isinstance(text, str) or not text.strip():
            return {"error": "A message needs a text."}
        if len(text) > MAX_TEXT_LENGTH:
            return {"error": f"A message has at most {MAX_TEXT_LENGTH} characters."}
        session = self.websocket_session
        channel = WebSocketSession.objects.filter(channel_name=session.channel_name)
        channel.send_message(
            {
                "type": "chat_message",
                "message": text,
                "sender": public_id(session),
                "nickname": nickname(self.body.get("nickname")),
                "id": message_id(self.body.get("id")),
            }
        )
        return None


def public_id(session: WebSocketSession) -> str:
    """Tells people apart; the connection id itself is nobody else's business."""
    return sha256(session.connection_id.encode()).hexdigest()[:8]


def nickname(wish: object) -> str:
    return wish.strip()[:MAX_NICKNAME_LENGTH] if isinstance(wish, str) else ""


def message_id(wish: object) -> str:
    """By it the page of the sender knows its own message again."""
    return wish[:MAX_NICKNAME_LENGTH] if isinstance(wish, str) else ""
