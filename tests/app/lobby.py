"""Who is in the lobby, and what is said to them."""

from django_aws_api_gateway_websockets.exceptions import NoCredentials
from django_aws_api_gateway_websockets.messaging.contract import Outcome
from django_aws_api_gateway_websockets.models import WebSocketSession

SENT, GONE = Outcome.SENT, Outcome.GONE
HELLO = {"type": "hello"}


class BrokenTransport:
    def perform(self, recipients, requests, *, seconds, connections=1):
        raise NoCredentials("There is no key")


def everybody():
    return WebSocketSession.objects.filter(channel_name="lobby")
