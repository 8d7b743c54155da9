from django.urls import path

from django_aws_api_gateway_websockets.views import WebSocketView

LIMIT = 10


class LimitedView(WebSocketView):
    USE_WS_TOKEN = False
    RATE_LIMIT_MAX_ATTEMPTS = LIMIT
    RATE_LIMIT_WINDOW_MINUTES = 60  # no test takes so long that there is one more


urlpatterns = [path("ws/<slug:route>", LimitedView.as_view())]
