"""A client comes and goes."""

import re
from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import IntegrityError, router
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

from django_aws_api_gateway_websockets import signals
from django_aws_api_gateway_websockets.admission import CHECKS, Check, ConnectionAttempt
from django_aws_api_gateway_websockets.admission.logins import (
    require_login_by_cookie,
)
from django_aws_api_gateway_websockets.admission.requests import find_gateway
from django_aws_api_gateway_websockets.exceptions import (
    AlreadyConnected,
    InvalidConnectionId,
    Refusal,
)
from django_aws_api_gateway_websockets.models import (
    ClosedReason,
    WebSocketSession,
)
from django_aws_api_gateway_websockets.transactions import repeat_on_conflict

from .event_log import EventLog
from .permissions import PermissionHooks
from .refusals import RefusedByOverride
from .sessions import SessionOfEvent


class ConnectionAnswers(SessionOfEvent, PermissionHooks):
    MAX_CHANNEL_NAME_LENGTH: int = 128
    CHANNEL_NAME_PATTERN: re.Pattern[str] | str = re.compile(r"[A-Za-z0-9_-]+")
    USE_WS_TOKEN: bool = True
    RATE_LIMIT_MAX_ATTEMPTS: int = 0  # 0: as the settings say
    RATE_LIMIT_WINDOW_MINUTES: int = 0  # 0: as the settings say
    CHECK_PERMISSIONS_ON_CONNECT: bool = False
    CHECK_CONNECT_USERAGENT: bool = False
    required_connection_headers: str | Iterable[str] = ()
    RATE_LIMIT_ENABLED: bool = True
    expected_useragent_prefix: str

    checks: ClassVar[tuple[Check, ...]] = CHECKS

    event_log: EventLog
    token_values: list[str]
    _has_ended_session = False

    def connect(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Override to add to an admission, and refuse before `super()` or in a check.

        Any status but 200 refuses the client, which hears nothing before this has
        returned. After `super()`, its token is used up, and `connected` was told.
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
            require_login_by_cookie(attempt, session)
        except AlreadyConnected as repeated:
            self.event_log.outcome = "repeated"
            self.websocket_session = repeated.session
            return JsonResponse({})
        finally:
            self.event_log.user = str(getattr(attempt.user, "pk", ""))
        self.websocket_session = session
        signals.connected.send_robust(type(self), session=session, request=request)
        return JsonResponse({})

    def disconnect(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Override to act when a client has left; nothing can be sent to it."""
        if self._end_session():
            return JsonResponse({})
        # Unknown, closed, or a $connect is under way. Whichever of it and us
        # writes the row first, it ends up closed.
        WebSocketSession.objects.leave_closed(
            [self.event.connection_id],
            ClosedReason.DISCONNECT,
            find_gateway(self.event),
        )
        self._end_session()
        return JsonResponse({})

    def _additional_connection_checks(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> tuple[bool, str]:
        """Override to refuse clients for reasons of your own, in words for them."""
        return True, ""

    def _connect(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        response = None
        try:
            response = self.connect(request, *args, **kwargs)
            return response
        finally:
            self._require_admission(response)

    def _require_admission(self, response: Any) -> None:
        """A method that overrides `connect` may refuse the client after all."""
        status = getattr(response, "status_code", None)
        if status == 200:
            return
        is_new = self.event_log.outcome != "repeated"
        if status is not None:
            self._note_refusal(RefusedByOverride(self, response))
        if is_new and vars(self).get("websocket_session"):
            self._end_session()

    def _note_refusal(self, refusal: Refusal) -> None:
        raise NotImplementedError

    def _disconnect(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        try:
            return self.disconnect(request, *args, **kwargs)
        finally:
            if not self._has_ended_session:
                # Whatever a method that overrides `disconnect` does: it has left.
                self._end_session()

    def _make_session(self, attempt: ConnectionAttempt) -> WebSocketSession:
        self.api_gateway = attempt.gateway or find_gateway(self.event)
        try:
            session = repeat_on_conflict(
                lambda: WebSocketSession.objects.create(
                    connection_id=self.event.connection_id,
                    channel_name=attempt.channel_name,
                    api_gateway=self.api_gateway,
                    user_id=getattr(attempt.user, "pk", None),
                    session_key_hash=attempt.login_hash,
                    auth_hash=attempt.auth_hash,
                ),
                using=router.db_for_write(WebSocketSession),
            )
        except IntegrityError:
            raise InvalidConnectionId(
                "the connection id is taken, or the user or the gateway was deleted"
            ) from None
        # Not by assignment, which a router may forbid where users are elsewhere.
        user = WebSocketSession._meta.get_field("user")
        user.set_cached_value(session, attempt.user)
        return session

    def _end_session(self) -> bool:
        """False if there was none, or none that was open."""
        self._has_ended_session = True
        connection_id = self.event.connection_id
        was_open = WebSocketSession.objects.end(connection_id, api_id=self.event.api_id)
        if was_open:
            signals.disconnected.send_robust(
                WebSocketSession,
                connection_ids=[connection_id],
                reason=ClosedReason.DISCONNECT,
            )
        return was_open
