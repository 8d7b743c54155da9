"""The demo's settings with a handshake that can be made slow."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from config.settings import *  # noqa: F403
from config.settings import MIDDLEWARE

GetResponse = Callable[[HttpRequest], HttpResponse]


def slow_handshake(get_response: GetResponse) -> GetResponse:
    """Hold back $connect's answer for `?delay=` seconds, after its row is written."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        time.sleep(float(request.GET.get("delay", 0)))
        return response

    return middleware


MIDDLEWARE = [*MIDDLEWARE, "tests.end_to_end.slow_settings.slow_handshake"]
