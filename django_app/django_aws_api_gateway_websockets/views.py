import logging
import re
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured, RequestDataTooBig
from django.db import IntegrityError, connections, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.log import log_response
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from .admission import (
    CHECKS,
    Check,
    ConnectionAttempt,
    comes_from_the_gateway,
    find_gateway,
)
from .events import GatewayEvent, parse_message
from .exceptions import (
    InvalidConnectionId,
    InvalidRequestFormat,
    Refusal,
    SendFailed,
    UntrustedRequest,
)
from .messaging import frames
from .models import ApiGateway, WebSocketSession
from .routing import (
    is_ping,
    names_of_handlers,
    reason_for_no_handler,
    requested_handler,
)
from .transactions import retry_on_conflict

logger = logging.getLogger(__name__)


class WebSocketView(View):
    """Answers what API Gateway asks: may it connect, here is a message, it has left.

    The URL names the route: `path("ws/<slug:route>", ChatView.as_view())`. Clients
    call methods marked with `@handler`. A dictionary that one returns is sent to the
    client; None sends nothing.
    """

    MAX_BODY_SIZE: int = 131_072  # bytes: the gateway's own limit
    MAX_CHANNEL_NAME_LENGTH: int = 128
    CHANNEL_NAME_PATTERN: re.Pattern[str] | str = re.compile(r"[A-Za-z0-9_-]+")
    ALLOWED_HANDLERS: str | Iterable[str] = frozenset()

    checks: ClassVar[tuple[Check, ...]] = CHECKS
    atomic: bool = False
    """True wraps each call of a handler in a transaction and repeats it on conflict."""

    http_method_names = ("post",)

    event: GatewayEvent
    api_gateway: ApiGateway
    websocket_session: WebSocketSession
    body: dict[str, Any]

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
        try:
            if not comes_from_the_gateway(request):
                raise UntrustedRequest("neither the mark nor a secret of the gateway")
            return super().dispatch(request, *args, **kwargs)
        except Refusal as refusal:
            return self._refused(refusal)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "route" not in kwargs:
            raise ImproperlyConfigured(
                f"The URL of {type(self).__name__} does not name the route: write "
                'path("ws/<slug:route>", …)'
            )
        self.event = GatewayEvent.from_headers(request.headers, route=kwargs["route"])
        if self.event.route == "connect":
            return self.connect(request, *args, **kwargs)
        if self.event.route == "disconnect":
            return self.disconnect(request, *args, **kwargs)
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
            channel_name_pattern=self.CHANNEL_NAME_PATTERN,
            max_channel_name_length=self.MAX_CHANNEL_NAME_LENGTH,
        )
        for check in self.checks:
            check(attempt)
        self.api_gateway = attempt.gateway or find_gateway(self.event)
        try:
            self.websocket_session = WebSocketSession.objects.create(
                connection_id=self.event.connection_id,
                channel_name=attempt.channel_name,
                api_gateway=self.api_gateway,
            )
        except IntegrityError:
            raise InvalidConnectionId("the connection id is taken") from None
        return JsonResponse({})

    def disconnect(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Override to act when a client has left; nothing can be sent to it."""
        self.event.require_well_formed_connection_id()
        sessions = WebSocketSession.objects
        ending = {
            "connection_id": self.event.connection_id,
            "api_id": self.event.api_id,
        }
        if not sessions.disconnect(**ending):
            # Unknown, closed, or a $connect is under way. Whichever of it and us
            # writes the row first, it ends up closed.
            gateway = find_gateway(self.event)
            sessions.leave_closed(self.event.connection_id, gateway)
            sessions.disconnect(**ending)
        return JsonResponse({})

    def default(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Override to answer messages that name no handler of this view."""
        raise NotImplementedError(f"{type(self).__name__} has no default()")

    # From here on names begin with an underscore: all others are the application's,
    # which may well have a handler called `message` or `send`.

    def _message(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        self.event.require_well_formed_connection_id()
        self.websocket_session = self._open_session()
        self.body = {}
        try:
            self.body = self._read_message(request)
            handle = self._find_handler()
            return self._answer(handle(request, *args, **kwargs))
        except Refusal as refusal:
            self._send_error(code=refusal.code, text=refusal.public_text)
            raise
        except Exception as error:
            return self._broken(error)

    def _open_session(self) -> WebSocketSession:
        # By its id alone: with the gateway in the WHERE, SQLite takes another index.
        session = (
            WebSocketSession.objects.select_related("api_gateway")
            .filter(connection_id=self.event.connection_id)
            .first()
        )
        gateway = session.api_gateway if session else None
        if session is None or gateway is None or gateway.api_id != self.event.api_id:
            find_gateway(self.event)
            raise InvalidConnectionId("this gateway has no such session")
        if not session.count_message():
            raise InvalidConnectionId("the session is closed")
        self.api_gateway = gateway
        return session

    def _read_message(self, request: HttpRequest) -> dict[str, Any]:
        declared = request.META.get("CONTENT_LENGTH") or "0"
        if declared.isdecimal() and int(declared) > self.MAX_BODY_SIZE:
            raise InvalidRequestFormat(f"{declared} bytes of body")
        try:
            return parse_message(request.body, max_size=self.MAX_BODY_SIZE)
        except RequestDataTooBig:
            raise InvalidRequestFormat(
                "more than DATA_UPLOAD_MAX_MEMORY_SIZE"
            ) from None

    def _find_handler(self) -> Callable[..., Any]:
        if "handler" not in self.body and "action" not in self.body:
            raise InvalidRequestFormat("neither handler nor action")
        names = names_of_handlers(type(self), self.ALLOWED_HANDLERS)
        if is_ping(self.body, names):
            return self._pong
        name = requested_handler(self.body, names) or "default"
        method: Callable[..., Any] = getattr(self, name)
        if name == "default" and type(self).default is WebSocketView.default:
            raise InvalidRequestFormat(reason_for_no_handler(type(self), self.body))
        if self.atomic:
            return retry_on_conflict(using=self.websocket_session.write_alias)(method)
        return method

    def _pong(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self._send(frames.pong())

    def _answer(self, result: Any) -> HttpResponseBase:
        if isinstance(result, HttpResponseBase):
            return result
        if isinstance(result, dict):
            self._send(frames.reply(self.body, result))
        elif result is not None:
            raise TypeError(
                "A handler returns a dictionary, None or an HttpResponse, "
                f"and this one returned {type(result).__name__}"
            )
        return JsonResponse({})

    def _send(self, frame: frames.Frame) -> None:
        try:
            self.websocket_session.send_message(frame)
        except SendFailed as error:
            logger.warning("Connection %s: %s", self.event.connection_id, error)

    def _send_error(self, *, code: str, text: str) -> None:
        try:
            self._send(frames.error(self.body, code=code, text=text))
        except Exception:
            # What is being answered is the error before this one.
            logger.exception("Connection %s gets no errors", self.event.connection_id)

    def _broken(self, error: Exception) -> HttpResponse:
        """The application raised: the log gets all of it, the client a short word."""
        response = JsonResponse({}, status=500)
        log_response(
            "Internal server error: route %s, connection %s",
            self.event.route,
            self.event.connection_id,
            response=response,
            request=self.request,
            logger=logger,
            exception=error,
        )
        self._send_error(code="internal_server_error", text="Internal server error")
        return response

    def _refused(self, refusal: Refusal) -> HttpResponse:
        response = HttpResponse(
            refusal.public_text,
            status=refusal.status,
            content_type="text/plain; charset=utf-8",
        )
        log_response(
            "%s: route %s, %s",
            refusal.public_text,
            self.kwargs.get("route", "unknown"),
            refusal.reason,
            response=response,
            request=self.request,
            logger=logger,
        )
        return response
