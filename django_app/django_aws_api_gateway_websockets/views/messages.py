"""From a message to its handler, and back to the client."""

import logging
import re
from collections.abc import Callable, Coroutine
from inspect import iscoroutine
from typing import Any, NoReturn

from asgiref.sync import async_to_sync
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.http import Http404, HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

from django_aws_api_gateway_websockets import signals
from django_aws_api_gateway_websockets.admission.attempt import AdmittingView
from django_aws_api_gateway_websockets.events import parse_message
from django_aws_api_gateway_websockets.exceptions import (
    InvalidConnectionId,
    InvalidRequestFormat,
    NotPermitted,
    RateLimitExceeded,
    Refusal,
    SendFailed,
)
from django_aws_api_gateway_websockets.messaging import frames
from django_aws_api_gateway_websockets.models import (
    ClosedReason,
    WebSocketSession,
)
from django_aws_api_gateway_websockets.models.counting import Counted
from django_aws_api_gateway_websockets.models.message_limits import Excess
from django_aws_api_gateway_websockets.routing import (
    PING,
    RAW_PING,
    DeclaredHandlers,
    Handler,
    is_ping,
    reason_for_no_handler,
    requested_handler,
)
from django_aws_api_gateway_websockets.transactions import retry_on_conflict

from .event_log import EventLog
from .message_forms import cleaned_data
from .sessions import SessionOfEvent

logger = logging.getLogger("django_aws_api_gateway_websockets.views")

PONG = Handler(PING)
LENGTH = re.compile("[0-9]{1,18}")


class MessageAnswers(DeclaredHandlers, SessionOfEvent, AdmittingView):
    """Names begin with an underscore here: all others are the application's.

    It may well have a handler called `message` or `send`.
    """

    debug: bool = False
    """True writes each message into the log, with whatever is in it."""

    MAX_BODY_SIZE: int = 131_072  # bytes: the gateway's own limit
    atomic: bool = False
    """True wraps each call of a handler in a transaction and repeats it on conflict."""

    event_log: EventLog
    body: dict[str, Any]
    cleaned_data: dict[str, Any]

    def default(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Override to answer messages that name no handler of this view."""
        raise NotImplementedError(f"{type(self).__name__} has no default()")

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
        except (PermissionDenied, Http404, SuspiciousOperation) as error:
            refusal = refusal_of(error)
            self._send_error(refusal)
            raise refusal from error
        except Refusal as refusal:
            self._send_error(refusal)
            raise
        signals.message_handled.send_robust(
            type(self), session=session, handler=handler.name, request=request
        )
        return response

    def _open_session(self, request: HttpRequest) -> WebSocketSession:
        session = self._find_session()
        if session is None:
            raise InvalidConnectionId("this gateway has no such session")
        self.websocket_session = session
        self.event_log.user = str(session.user_id or "")
        if reason := session.ended_login:
            if not session.disconnect(reason):
                session.hang_up_again()
            raise InvalidConnectionId(f"the login has ended: {reason.value}")
        counted = session.count_message(limited=self.RATE_LIMIT_ENABLED)
        if counted is Counted.CLOSED:
            session.hang_up_again()
            raise InvalidConnectionId("the session is closed")
        if counted is Counted.TOO_MANY:
            self._refuse_excess(session)
        request.user = session.user or AnonymousUser()
        if counted is Counted.REOPENED:
            signals.connected.send_robust(type(self), session=session, request=request)
        return session

    def _refuse_excess(self, session: WebSocketSession) -> NoReturn:
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
        if not LENGTH.fullmatch(declared) or int(declared) > self.MAX_BODY_SIZE:
            raise InvalidRequestFormat(f"{declared[:32]!r} bytes of body")
        try:
            if request.body == RAW_PING:
                return {self.handler_selection_key: PING}
            message = parse_message(request.body, max_size=self.MAX_BODY_SIZE)
        except RequestDataTooBig:
            raise InvalidRequestFormat(
                "more than DATA_UPLOAD_MAX_MEMORY_SIZE"
            ) from None
        if self.debug:
            logger.info("Connection %s sent %s", self.event.connection_id, message)
        return message

    def _find_handler(self, request: HttpRequest) -> Handler:
        keys, route = self._selection_keys, self.event.route
        if route == "default" and not any(key in self.body for key in keys):
            raise InvalidRequestFormat(f"neither {' nor '.join(keys)}")
        handlers = self._handlers
        if is_ping(self.body, handlers, self.handler_selection_key):
            return PONG
        if not self.has_required_permissions(request):
            raise NotPermitted("the user lacks the permissions of the view")
        found = requested_handler(self.body, handlers, keys, route=route)
        has_no_default = type(self).default is MessageAnswers.default
        if found is None or (found.name == "default" and has_no_default):
            reason = reason_for_no_handler(type(self), self.body, keys, route=route)
            raise InvalidRequestFormat(reason)
        return found

    def _call(
        self, handler: Handler, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> Any:
        name = "_pong" if handler is PONG else handler.name
        method: Callable[..., Any] = getattr(self, name)

        def call() -> Any:
            if handler.form:
                self.cleaned_data = cleaned_data(handler.form, self.body)
            result = method(request, *args, **kwargs)
            return async_to_sync(awaited)(result) if iscoroutine(result) else result

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
        self._send_error_frame(refusal.code, refusal.public_text, fields=refusal.fields)

    def _send_error_frame(self, code: str, text: str, *, fields: Any = None) -> None:
        try:
            self._send(frames.error(self.body, code=code, text=text, fields=fields))
        except Exception:
            # What is being answered is the error before this one.
            logger.exception("Connection %s gets no errors", self.event.connection_id)


async def awaited(result: Coroutine[Any, Any, Any]) -> Any:
    return await result


def refusal_of(error: Exception) -> Refusal:
    """What Django answers with 403, 404 or 400 is no error of the application."""
    if isinstance(error, PermissionDenied):
        return NotPermitted("the handler raised PermissionDenied")
    return InvalidRequestFormat(f"the handler raised {type(error).__name__}")
