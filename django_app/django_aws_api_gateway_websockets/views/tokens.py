from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.generic import View

from django_aws_api_gateway_websockets import signals
from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.exceptions import (
    NotAuthenticated,
    RateLimitExceeded,
    Refusal,
)
from django_aws_api_gateway_websockets.logins import login_key
from django_aws_api_gateway_websockets.models import (
    RateLimit,
    RateLimitBucket,
    WebSocketToken,
)
from django_aws_api_gateway_websockets.transactions import in_autocommit

from .event_log import EventLog
from .refusals import answer_to


@method_decorator([csrf_protect, never_cache], name="dispatch")
class WebSocketTokenView(View):
    """Gives whoever is logged in a token that opens one WebSocket.

    POST with Django's CSRF token: 200 `{"token": "<64 hex>", "expires_in": <seconds>}`,
    or 403 `Authentication required`, or 403 `Rate limit exceeded` with `Retry-After`.
    """

    http_method_names = ("post",)

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        # What a limit has counted is not taken back.
        return in_autocommit(super().as_view(**initkwargs))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        log = EventLog(route="token")
        try:
            with log.counting_statements():
                return self.token_response(request)
        except Refusal as refusal:
            log.user = str(getattr(getattr(request, "user", None), "pk", None) or "")
            log.note_refusal(refusal)
            signals.refused.send_robust(type(self), refusal=refusal, request=request)
            response = answer_to(refusal)
            log.write(request, response)
            return response

    def token_response(self, request: HttpRequest) -> HttpResponse:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated or not user.is_active:
            raise NotAuthenticated("nobody is logged in")
        limit = RateLimit(limit=conf.token_rate_limit_per_minute, window=60)
        if seconds := RateLimitBucket.objects.take_slot(f"token {user.pk}", limit):
            raise RateLimitExceeded(f"user {user.pk}", retry_after=seconds)
        key = login_key(getattr(request, "session", None))
        token = WebSocketToken.generate_token(user, key)
        return JsonResponse(
            {"token": token.token, "expires_in": conf.token_expiry_seconds}
        )
