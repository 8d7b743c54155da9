"""Who is in the lobby, and what is said to them."""

from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models import WebSocketSession

SENT, GONE = Outcome.SENT, Outcome.GONE
HELLO = {"type": "hello"}


class BrokenTransport:
    def post(self, callback_url, connection_id, data):
        raise RuntimeError("no credentials")


def everybody():
    return WebSocketSession.objects.filter(channel_name="lobby")
