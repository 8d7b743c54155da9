"""How a view answers what it refuses."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from django_aws_api_gateway_websockets import signals
from django_aws_api_gateway_websockets.exceptions import OwnCheckFailed, Refusal

from .event_log import EventLog


def answer_to(refusal: Refusal) -> HttpResponse:
    """Its public text and nothing else."""
    response = HttpResponse(
        refusal.public_text,
        status=refusal.status,
        content_type="text/plain; charset=utf-8",
    )
    if refusal.retry_after:
        response["Retry-After"] = str(refusal.retry_after)
    return response


class RefusedByOverride(OwnCheckFailed):
    """A view's own `connect` has answered with another status than 200."""

    def __init__(self, view: object, response: HttpResponseBase) -> None:
        super().__init__(response.reason_phrase)
        self.reason = f"{type(view).__name__}.connect answered {response.status_code}"


class RefusalHooks:
    """One method for each kind of refusal: override it to answer otherwise.

    What is refused stays refused: an answer with the status 200 to a `$connect` opens
    a socket that no session belongs to.
    """

    refusal: Refusal
    event_log: EventLog

    def refused(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Override to answer all refusals otherwise; `self.refusal` is the one."""
        return answer_to(self.refusal)

    def invalid_gateway_secret(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Override to answer what does not come from the gateway."""
        return self.refused(request, *args, **kwargs)

    def missing_headers(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Override to answer when headers are missing or wrong."""
        return self.refused(request, *args, **kwargs)

    def invalid_useragent(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Override to answer when the User-Agent is not the gateway's."""
        return self.refused(request, *args, **kwargs)

    def session_not_found(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Override to answer when there is no open session of this connection."""
        return self.refused(request, *args, **kwargs)

    def permission_denied(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Override to answer when the user may not do this."""
        return self.refused(request, *args, **kwargs)

    def handler_selection_key_missing(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Override to answer messages that cannot be read or name no handler."""
        return self.refused(request, *args, **kwargs)

    def _note_refusal(self, refusal: Refusal, request: HttpRequest) -> None:
        self.refusal = refusal
        self.event_log.note_refusal(refusal)
        signals.refused.send_robust(type(self), refusal=refusal, request=request)
