import re
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, connections, transaction
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from django_aws_api_gateway_websockets import signals
from django_aws_api_gateway_websockets.admission import (
    CHECKS,
    Check,
    ConnectionAttempt,
    find_gateway,
    require_user_agent,
    well_formed_channel_name,
)
from django_aws_api_gateway_websockets.events import GatewayEvent
from django_aws_api_gateway_websockets.exceptions import (
    AlreadyConnected,
    InvalidConnectionId,
    InvalidRequestHeaders,
    NotPermitted,
    Refusal,
    UntrustedRequest,
)
from django_aws_api_gateway_websockets.models import ClosedReason, WebSocketSession
from django_aws_api_gateway_websockets.token_in_url import take_tokens
from django_aws_api_gateway_websockets.trust import comes_from_the_gateway

from .event_log import EventLog
from .exception_mail import mail_exception
from .messages import MessageAnswers
from .refusals import RefusalHooks


class WebSocketView(RefusalHooks, MessageAnswers, View):
    """Answers what API Gateway asks: may it connect, here is a message, it has left.

    The URL names the route: `path("ws/<slug:route>", ChatView.as_view())`. Clients
    call methods marked with `@handler`. A dictionary that one returns is sent to the
    client; None sends nothing.
    """

    MAX_CHANNEL_NAME_LENGTH: int = 128
    CHANNEL_NAME_PATTERN: re.Pattern[str] | str = re.compile(r"[A-Za-z0-9_-]+")
    USE_WS_TOKEN: bool = True
    RATE_LIMIT_MAX_ATTEMPTS: int = 0  # 0: as the settings say
    RATE_LIMIT_WINDOW_MINUTES: int = 0  # 0: as the settings say
    CHECK_PERMISSIONS_ON_CONNECT: bool = False
    CHECK_CONNECT_USERAGENT: bool = False
    expected_useragent_prefix: str = "AmazonAPIGateway_"
    required_headers: Iterable[str] = ("Connectionid",)
    additional_required_headers: Iterable[str] = ()
    required_connection_headers: Iterable[str] = ()
    SEND_EXCEPTION_MAIL: bool = True
    EXCEPTION_MAIL_INTERVAL: int = 60  # seconds

    checks: ClassVar[tuple[Check, ...]] = CHECKS

    http_method_names = ("post",)

    aws_api_gateway_id: str | None = None
    token_values: list[str]

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        # Set here and not on `dispatch`, which a subclass may override: the gateway
        # has no CSRF cookie, and each statement of an event stands for itself.
        view: Callable[..., HttpResponseBase] = csrf_exempt(
            super().as_view(**initkwargs)
        )
        for alias in connections:
            view = transaction.non_atomic_requests(using=alias)(view)
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
        self.event_log = EventLog(route=kwargs["route"])
        error = None
        with self.event_log.counting_statements():
            try:
                response = self._answer_event(request, *args, **kwargs)
            except Refusal as refusal:
                response = self._refuse(refusal)
            except Exception as raised:
                error = raised
                response = self._fail(raised)
        self.event_log.write(request, response, error)
        return response

    def _answer_event(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if not comes_from_the_gateway(request):
            raise UntrustedRequest("neither the mark nor a secret of the gateway")
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self._require_headers(request)
        self.event = GatewayEvent.from_headers(request.headers, route=kwargs["route"])
        self.aws_api_gateway_id = self.event.api_id
        self.event_log.connection = self.event.connection_id[:128]
        if self.event.route == "connect":
            self.event_log.outcome = "connected"
            return self._connect(request, *args, **kwargs)
        self.event.require_well_formed_connection_id()
        require_user_agent(request, self.expected_useragent_prefix)
        if self.event.route == "disconnect":
            self.event_log.outcome = "disconnected"
            return self.disconnect(request, *args, **kwargs)
        self.event_log.outcome = "handled"
        return self._message(request, *args, **kwargs)

    def connect(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Override to add to an admission; any status but 200 refuses the client.

        The client hears nothing before this has returned.
        """
        attempt = ConnectionAttempt(
            event=self.event,
            request=request,
            view=self,
            token_values=self.token_values,
        )
        try:
            for check in self.checks:
                check(attempt)
            session = self._make_session(attempt)
        except AlreadyConnected:
            return JsonResponse({})
        self.websocket_session = session
        signals.connected.send_robust(type(self), session=session, request=request)
        return JsonResponse({})

    def disconnect(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Override to act when a client has left; nothing can be sent to it."""
        connection_id = self.event.connection_id
        if self._end_session():
            signals.disconnected.send_robust(
                WebSocketSession,
                connection_ids=[connection_id],
                reason=ClosedReason.DISCONNECT,
            )
            return JsonResponse({})
        # Unknown, closed, or a $connect is under way. Whichever of it and us
        # writes the row first, it ends up closed.
        WebSocketSession.objects.leave_closed(connection_id, find_gateway(self.event))
        self._end_session()
        return JsonResponse({})

    def default(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Override to answer messages that name no handler of this view."""
        raise NotImplementedError(f"{type(self).__name__} has no default()")

    def change_channel(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        """Move the client to the channel that its message names, if it may be there."""
        name = well_formed_channel_name(self, self.body.get("channel"))
        if not self.can_join_channel(request, name):
            raise NotPermitted(f"the user may not join {name}")
        self.websocket_session.move_to(name)
        return {"channel": name}

    def _additional_connection_checks(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> tuple[bool, str]:
        """Override to refuse clients for reasons of your own, in words for them."""
        return True, ""

    # From here on names begin with an underscore: all others are the application's.

    def _require_headers(self, request: HttpRequest) -> None:
        for name in (*self.required_headers, *self.additional_required_headers):
            if name not in request.headers:
                raise InvalidRequestHeaders(f"no {name}")

    def _connect(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        is_admitted = False
        try:
            response = self.connect(request, *args, **kwargs)
            is_admitted = response.status_code == 200
            return response
        finally:
            if not is_admitted and hasattr(self, "websocket_session"):
                # Refused after all, by a method that overrides `connect`.
                self._end_session()

    def _make_session(self, attempt: ConnectionAttempt) -> WebSocketSession:
        self.api_gateway = attempt.gateway or find_gateway(self.event)
        self.event_log.user = str(attempt.user.pk) if attempt.user else ""
        try:
            return WebSocketSession.objects.create(
                connection_id=self.event.connection_id,
                channel_name=attempt.channel_name,
                api_gateway=self.api_gateway,
                user=attempt.user,
                session_key_hash=attempt.login_hash,
                auth_hash=attempt.auth_hash,
            )
        except IntegrityError:
            raise InvalidConnectionId("the connection id is taken") from None

    def _end_session(self) -> bool:
        return WebSocketSession.objects.end(
            self.event.connection_id, api_id=self.event.api_id
        )

    def _has_no_default(self) -> bool:
        return type(self).default is WebSocketView.default

    def _refuse(self, refusal: Refusal) -> HttpResponseBase:
        self.refusal = refusal
        self.event_log.outcome = "refused"
        self.event_log.reason = f"{refusal.public_text}: {refusal.reason}"
        signals.refused.send_robust(type(self), refusal=refusal, request=self.request)
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
