"""One line in the log for each event: what came, and what came of it."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.log import log_response

from django_aws_api_gateway_websockets.exceptions import Refusal

logger = logging.getLogger("django_aws_api_gateway_websockets.views")

LINE = (
    "%(outcome)s %(status)s connection=%(connection)s route=%(route)s"
    " handler=%(handler)s user=%(user)s ms=%(milliseconds)s"
    " statements=%(statements)s request=%(request)s reason=%(reason)s"
)
MAX_LENGTH = 256  # of one value: some are made up by clients


@dataclass
class EventLog:
    """The arguments of the line, by name: a formatter finds them in `record.args`."""

    route: str = ""
    connection: str = ""
    handler: str = ""
    user: str = ""
    outcome: str = ""
    reason: str = ""
    status: int = 0
    milliseconds: float = 0.0
    statements: int = 0
    request: str = ""
    begin: float = field(default_factory=time.perf_counter)

    def note_refusal(self, refusal: Refusal) -> None:
        self.outcome = "refused"
        self.reason = f"{refusal.public_text}: {refusal.reason}"

    def write(
        self,
        request: HttpRequest,
        response: HttpResponseBase,
        error: Exception | None = None,
    ) -> None:
        self.status = response.status_code
        self.milliseconds = round((time.perf_counter() - self.begin) * 1000, 1)
        self.request = request_id(request)
        log_response(
            LINE,
            self.printable_values(),
            response=response,  # type: ignore[arg-type] # any response will do
            request=request,
            logger=logger,
            level=self.level,
            exception=error,
        )

    def description(self, request: HttpRequest) -> str:
        """Which event it was, for a mail."""
        self.request = request_id(request)
        return (
            "connection {connection}, route {route}, handler {handler}, "
            "user {user}, request {request}"
        ).format(**self.printable_values())

    def printable_values(self) -> dict[str, Any]:
        """Each in one line and in one word, but for the reason, which comes last."""
        return {
            "outcome": self.outcome,
            "status": self.status,
            "connection": printable(self.connection),
            "route": printable(self.route),
            "handler": printable(self.handler),
            "user": printable(self.user),
            "milliseconds": self.milliseconds,
            "statements": self.statements,
            "request": printable(self.request),
            "reason": printable(self.reason, spaces=True),
        }

    @property
    def level(self) -> str:
        return {"refused": "warning", "failed": "error"}.get(self.outcome, "info")

    @contextmanager
    def counting_statements(self) -> Iterator[None]:
        def count(execute: Any, *statement: Any) -> Any:
            self.statements += 1
            return execute(*statement)

        wrappers = [connection.execute_wrappers for connection in connections.all()]
        for each in wrappers:
            each.append(count)
        try:
            yield
        finally:
            for each in wrappers:
                each.remove(count)


def printable(text: str, *, spaces: bool = False) -> str:
    """With escapes for what could end the line or the word, and not too long."""
    text = text[:MAX_LENGTH]
    if text.isprintable() and (spaces or " " not in text):
        return text
    return "".join(
        letter
        if letter.isprintable() and (spaces or letter != " ")
        else f"\\x{ord(letter):02x}"
        for letter in text
    )


def request_id(request: HttpRequest) -> str:
    """Lambda's id of the invocation, whichever adapter it has come through."""
    scope = getattr(request, "scope", {})
    context = request.META.get("apig_wsgi.context") or scope.get("aws.context")
    return str(getattr(context, "aws_request_id", ""))
