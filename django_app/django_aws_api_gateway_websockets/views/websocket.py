from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from django_aws_api_gateway_websockets.admission.permissions import (
    well_formed_channel_name,
)
from django_aws_api_gateway_websockets.admission.requests import require_user_agent
from django_aws_api_gateway_websockets.events import GatewayEvent
from django_aws_api_gateway_websockets.exceptions import (
    InvalidRequestHeaders,
    NotPermitted,
    Refusal,
    UntrustedRequest,
)
from django_aws_api_gateway_websockets.request_headers import RequestHeaders
from django_aws_api_gateway_websockets.routing import as_names
from django_aws_api_gateway_websockets.token_in_url import take_tokens
from django_aws_api_gateway_websockets.transactions import in_autocommit
from django_aws_api_gateway_websockets.trust import comes_from_the_gateway

from .connections import ConnectionAnswers
from .event_log import EventLog
from .exception_mail import mail_exception
from .messages import MessageAnswers


class WebSocketView(ConnectionAnswers, MessageAnswers, View):
    """Answers what API Gateway asks: may it connect, here is a message, it has left.

    The URL names the route: `path("ws/<slug:route>", ChatView.as_view())`. Clients
    call methods marked with `@handler`. A dictionary that one returns is sent to the
    client; None sends nothing.
    """

    required_headers: str | Iterable[str] = ("Connectionid",)
    additional_required_headers: str | Iterable[str] = ()
    SEND_EXCEPTION_MAIL: bool = True
    EXCEPTION_MAIL_INTERVAL: int = 60  # seconds

    http_method_names = ("post",)

    aws_api_gateway_id: str | None = None

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        # Set here and not on `dispatch`, which a subclass may override: the gateway
        # has no CSRF cookie, and each statement of an event stands for itself.
        view: Callable[..., HttpResponseBase] = in_autocommit(
            csrf_exempt(super().as_view(**initkwargs))
        )
        return view

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if "route" not in kwargs:
            raise ImproperlyConfigured(
                f"The URL of {type(self).__name__} does not name the route: write "
                'path("ws/<slug:route>", …)'
            )
        self.token_values = take_tokens(request)
        self.event_log = EventLog(route=str(kwargs["route"]))
        error = None
        with self.event_log.counting_statements():
            try:
                response = self._answer_or_refuse(request, *args, **kwargs)
            except Exception as raised:
                error = raised
                response = self._fail(raised)
        self.event_log.write(request, response, error)
        return response

    def _answer_or_refuse(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        try:
            return self._answer_event(request, *args, **kwargs)
        except Refusal as refusal:
            return self._refuse(refusal)

    def _answer_event(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if not comes_from_the_gateway(request):
            raise UntrustedRequest("neither the mark nor a secret of the gateway")
        response: Any = super().dispatch(request, *args, **kwargs)
        if not isinstance(response, HttpResponseBase):
            raise TypeError(
                f"{type(self).__name__} answers the route {kwargs['route']} with "
                f"{type(response).__name__}: it has to be an HttpResponse"
            )
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self._require_headers(request)
        self.event = GatewayEvent.from_headers(
            RequestHeaders(request), route=kwargs["route"]
        )
        self.aws_api_gateway_id = self.event.api_id
        self.event_log.connection = self.event.connection_id
        if self.event.route == "connect":
            self.event_log.outcome = "connected"
            return self._connect(request, *args, **kwargs)
        self.event.require_well_formed_connection_id()
        require_user_agent(request, self.expected_useragent_prefix)
        if self.event.route == "disconnect":
            self.event_log.outcome = "disconnected"
            return self._disconnect(request, *args, **kwargs)
        self.event_log.outcome = "handled"
        return self._message(request, *args, **kwargs)

    def change_channel(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        """Move the client to the channel that its message names, if it may be there."""
        name = well_formed_channel_name(self, self.body.get("channel"))
        if not self.can_join_channel(request, name):
            raise NotPermitted(f"the user may not join {name}")
        self.websocket_session.move_to(name)
        return {"channel": name}

    # From here on names begin with an underscore: all others are the application's.

    def _require_headers(self, request: HttpRequest) -> None:
        required = as_names(self.required_headers)
        for name in sorted(required | as_names(self.additional_required_headers)):
            if name not in RequestHeaders(request):
                raise InvalidRequestHeaders(f"no {name}")

    def _refuse(self, refusal: Refusal) -> HttpResponseBase:
        self._note_refusal(refusal, self.request)
        answer = getattr(self, refusal.hook)
        response: HttpResponseBase = answer(self.request, *self.args, **self.kwargs)
        return response

    def _fail(self, error: Exception) -> HttpResponseBase:
        """The application raised: the log gets all of it, the client a short word."""
        self.event_log.outcome = "failed"
        self.event_log.reason = type(error).__name__
        if self.SEND_EXCEPTION_MAIL:
            mail_exception(
                error,
                view=type(self),
                interval=self.EXCEPTION_MAIL_INTERVAL,
                description=self.event_log.description(self.request),
            )
        if hasattr(self, "body"):
            self._send_error_frame("internal_server_error", "Internal server error")
        return JsonResponse({}, status=500)
