"""Views that anybody may connect to, one with a handler of each kind, and refusals."""

from django.http import HttpResponse

from django_aws_api_gateway_websockets.routing import handler
from django_aws_api_gateway_websockets.views import WebSocketView


class PublicView(WebSocketView):
    """Anybody may connect, as often as they like."""

    USE_WS_TOKEN = False
    RATE_LIMIT_ENABLED = False


class EchoView(PublicView):
    ALLOWED_HANDLERS = ("listed", "_private", "missing")

    @handler
    def echo(self, request, *args, **kwargs):
        return {"text": self.body["text"]}

    @handler()
    def silent(self, request, *args, **kwargs):
        return None

    @handler
    def plain(self, request, *args, **kwargs):
        return HttpResponse("made by hand", status=202)

    @handler
    def breaks(self, request, *args, **kwargs):
        raise RuntimeError("a secret detail")

    @handler
    def returns_a_list(self, request, *args, **kwargs):
        return [1]

    def listed(self, request, *args, **kwargs):
        return {"listed": True}

    def undeclared(self, request, *args, **kwargs):
        raise AssertionError("nobody may call this")

    def _private(self, request, *args, **kwargs):
        raise AssertionError("nobody may call this")


def refusal(response) -> tuple[int, str]:
    return response.status_code, response.content.decode()
