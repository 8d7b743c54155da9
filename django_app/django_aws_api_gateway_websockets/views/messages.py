"""From a message to its handler, and back to the client."""

import logging
from collections.abc import Callable, Iterable
from inspect import iscoroutinefunction
from typing import Any

from asgiref.sync import async_to_sync
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import RequestDataTooBig
from django.forms import BaseForm
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

from django_aws_api_gateway_websockets import signals
from django_aws_api_gateway_websockets.admission import find_gateway
from django_aws_api_gateway_websockets.events import GatewayEvent, parse_message
from django_aws_api_gateway_websockets.exceptions import (
    InvalidConnectionId,
    InvalidFields,
    InvalidRequestFormat,
    NotPermitted,
    RateLimitExceeded,
    Refusal,
    SendFailed,
)
from django_aws_api_gateway_websockets.messaging import frames
from django_aws_api_gateway_websockets.models import (
    ApiGateway,
    ClosedReason,
    WebSocketSession,
)
from django_aws_api_gateway_websockets.models.message_limits import Excess
from django_aws_api_gateway_websockets.routing import (
    Handler,
    handlers_of,
    is_ping,
    reason_for_no_handler,
    requested_handler,
)
from django_aws_api_gateway_websockets.transactions import retry_on_conflict

from .event_log import EventLog
from .permissions import PermissionHooks

logger = logging.getLogger("django_aws_api_gateway_websockets.views")

PONG = Handler("_pong")


class MessageAnswers(PermissionHooks):
    """Names begin with an underscore here: all others are the application's.

    It may well have a handler called `message` or `send`.
    """

    debug: bool = False
    """True writes each message into the log, with whatever is in it."""

    MAX_BODY_SIZE: int = 131_072  # bytes: the gateway's own limit
    ALLOWED_HANDLERS: str | Iterable[str] = frozenset()
    ADDITIONAL_ALLOWED_HANDLERS: str | Iterable[str] = ()
    AUTOMATIC_HANDLERS: bool = False
    """True lets clients call every public method that the view's class has added."""

    RATE_LIMIT_ENABLED: bool = True
    handler_selection_key: str = "handler"
    route_selection_key: str = "action"
    """The key before there was the other one: asked if that one names no handler."""

    atomic: bool = False
    """True wraps each call of a handler in a transaction and repeats it on conflict."""

    event: GatewayEvent
    event_log: EventLog
    api_gateway: ApiGateway
    websocket_session: WebSocketSession
    body: dict[str, Any]
    cleaned_data: dict[str, Any]

    def _message(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        session = self._open_session(request)
        self.body = {}
        try:
            self.body = self._read_message(request)
            handler = self._find_handler(request)
            self.event_log.handler = handler.name
            result = self._call(handler, request, *args, **kwargs)
            response = self._answer(result)
        except Refusal as refusal:
            self._send_error(refusal)
            raise
        signals.message_handled.send_robust(
            type(self), session=session, handler=handler.name, request=request
        )
        return response

    def _open_session(self, request: HttpRequest) -> WebSocketSession:
        session = WebSocketSession.objects.of_connection(self.event.connection_id)
        self.api_gateway = find_gateway(self.event)
        if session is None or session.api_gateway_id != self.api_gateway.pk:
            raise InvalidConnectionId("this gateway has no such session")
        session.api_gateway = self.api_gateway
        self.websocket_session = session
        self.event_log.user = str(session.user_id or "")
        if reason := session.ended_login:
            session.disconnect(reason)
            raise InvalidConnectionId(f"the login has ended: {reason.value}")
        was_gone = session.closed_reason == ClosedReason.GONE
        if not session.count_message(limited=self.RATE_LIMIT_ENABLED):
            self._refuse_message(session)
        request.user = session.user or AnonymousUser()
        if was_gone:
            signals.connected.send_robust(type(self), session=session, request=request)
        return session

    def _refuse_message(self, session: WebSocketSession) -> None:
        if session.is_closed_for_good():
            raise InvalidConnectionId("the session is closed")
        self.body = {}
        refusal = RateLimitExceeded("too many messages", retry_after=1)
        match session.note_excess():
            case Excess.TELL:
                self._send_error(refusal)
            case Excess.HANG_UP:
                session.disconnect(ClosedReason.ABUSE)
        raise refusal

    def _read_message(self, request: HttpRequest) -> dict[str, Any]:
        declared = request.META.get("CONTENT_LENGTH") or "0"
        if declared.isdecimal() and int(declared) > self.MAX_BODY_SIZE:
            raise InvalidRequestFormat(f"{declared} bytes of body")
        try:
            message = parse_message(request.body, max_size=self.MAX_BODY_SIZE)
        except RequestDataTooBig:
            raise InvalidRequestFormat(
                "more than DATA_UPLOAD_MAX_MEMORY_SIZE"
            ) from None
        if self.debug:
            logger.info("Connection %s sent %s", self.event.connection_id, message)
        return message

    def _find_handler(self, request: HttpRequest) -> Handler:
        keys = (self.handler_selection_key, self.route_selection_key)
        if not any(key in self.body for key in keys):
            raise InvalidRequestFormat(f"neither {' nor '.join(keys)}")
        handlers = handlers_of(
            type(self),
            self.ALLOWED_HANDLERS,
            self.ADDITIONAL_ALLOWED_HANDLERS,
            automatic=self.AUTOMATIC_HANDLERS,
        )
        if is_ping(self.body, handlers, self.handler_selection_key):
            return PONG
        if not self.has_required_permissions(request):
            raise NotPermitted("the user lacks the permissions of the view")
        found = requested_handler(self.body, handlers, keys) or Handler("default")
        if found.name == "default" and self._has_no_default():
            raise InvalidRequestFormat(
                reason_for_no_handler(type(self), self.body, keys)
            )
        return found

    def _has_no_default(self) -> bool:
        raise NotImplementedError

    def _call(
        self, handler: Handler, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> Any:
        method: Callable[..., Any] = getattr(self, handler.name)
        if iscoroutinefunction(method):
            method = async_to_sync(method)

        def call() -> Any:
            if handler.form:
                self.cleaned_data = cleaned_data(handler.form(data=self.body))
            return method(request, *args, **kwargs)

        if self.atomic:
            using = self.websocket_session.write_alias
            return retry_on_conflict(using=using)(call)()
        return call()

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

    def _send_error(self, refusal: Refusal) -> None:
        fields = refusal.fields if isinstance(refusal, InvalidFields) else None
        self._send_error_frame(refusal.code, refusal.public_text, fields=fields)

    def _send_error_frame(self, code: str, text: str, *, fields: Any = None) -> None:
        try:
            self._send(frames.error(self.body, code=code, text=text, fields=fields))
        except Exception:
            # What is being answered is the error before this one.
            logger.exception("Connection %s gets no errors", self.event.connection_id)


def cleaned_data(form: BaseForm) -> dict[str, Any]:
    """What the form makes of its data, or InvalidFields."""
    if form.is_valid():
        data: dict[str, Any] = form.cleaned_data
        return data
    raise InvalidFields(
        {name: [str(text) for text in texts] for name, texts in form.errors.items()}
    )
