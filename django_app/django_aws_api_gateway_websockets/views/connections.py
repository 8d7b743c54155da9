"""A client comes and goes."""

from typing import Any, ClassVar

from django.db import IntegrityError, router
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

from django_aws_api_gateway_websockets import signals
from django_aws_api_gateway_websockets.admission import CHECKS, Check, ConnectionAttempt
from django_aws_api_gateway_websockets.admission.attempt import AdmittingView
from django_aws_api_gateway_websockets.admission.logins import (
    require_login_by_cookie,
)
from django_aws_api_gateway_websockets.admission.requests import find_gateway
from django_aws_api_gateway_websockets.exceptions import (
    AlreadyConnected,
    InvalidConnectionId,
)
from django_aws_api_gateway_websockets.models import (
    ClosedReason,
    WebSocketSession,
)
from django_aws_api_gateway_websockets.transactions import repeat_on_conflict

from .refusals import RefusalHooks, RefusedByOverride
from .sessions import SessionOfEvent


class ConnectionAnswers(RefusalHooks, SessionOfEvent, AdmittingView):
    checks: ClassVar[tuple[Check, ...]] = CHECKS

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

    def _connect(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        response = None
        try:
            response = self.connect(request, *args, **kwargs)
            return response
        finally:
            self._require_admission(request, response)

    def _require_admission(self, request: HttpRequest, response: Any) -> None:
        """A method that overrides `connect` may refuse the client after all."""
        status = getattr(response, "status_code", None)
        if status == 200:
            return
        is_new = self.event_log.outcome != "repeated"
        if status is not None:
            self._note_refusal(RefusedByOverride(self, response), request)
        if is_new and vars(self).get("websocket_session"):
            self._end_session()

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
        return WebSocketSession.objects.end(
            self.event.connection_id, api_id=self.event.api_id
        )
