"""Takes tokens out of a request's address, which many write down and mail."""

from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode

from django.http import HttpRequest

PARAMETER = "ws_token"
KEPT = "websocket.tokens"  # in the WSGI environment or the ASGI scope
# Where servers and Lambda's adapters keep the address a second time. Django's reports
# of errors print all of a WSGI environment.
COPIES = ("RAW_URI", "REQUEST_URI", "apig_wsgi.full_event", "aws.event")


class TokenValue(str):
    """What a client shows: a report that prints it in passing does not tell it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<token>"


def hide_tokens(environ: dict[str, Any]) -> None:
    """Take them out of a WSGI environment or an ASGI scope, before anybody reads it."""
    for key in ("QUERY_STRING", "query_string"):
        query = environ.get(key, "")
        text = query.decode("latin-1") if isinstance(query, bytes) else query
        if PARAMETER not in unquote_plus(text):
            continue
        parameters = parse_qsl(text, keep_blank_values=True, encoding="latin-1")
        environ.setdefault(KEPT, []).extend(
            TokenValue(value) for name, value in parameters if name == PARAMETER
        )
        rest = urlencode(
            [(name, value) for name, value in parameters if name != PARAMETER],
            encoding="latin-1",
            errors="replace",
        )
        environ[key] = rest.encode() if isinstance(query, bytes) else rest
        for copy in COPIES:
            environ.pop(copy, None)


def take_tokens(request: HttpRequest) -> list[str]:
    """The tokens of this request, which does not tell them any more."""
    scope = getattr(request, "scope", {})
    for environ in (request.META, scope):
        hide_tokens(environ)
    request.__dict__.pop("GET", None)  # a middleware may have read it
    return [*(scope.get(KEPT) or request.META.get(KEPT, []))]
