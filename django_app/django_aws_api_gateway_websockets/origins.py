"""Which pages may open a socket."""

import re
from dataclasses import dataclass

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest

from .conf import conf
from .request_headers import RequestHeaders

# Browsers send the scheme and the host, and the port only where it is not the scheme's.
ORIGIN = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?"
    r"(?P<host>[a-z0-9._-]+|\.?\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
)
DEFAULT_PORTS = {"http": "80", "https": "443"}


@dataclass(frozen=True)
class Origin:
    scheme: str
    host: str
    port: str

    @classmethod
    def parse(cls, text: str, *, default_scheme: str = "") -> "Origin | None":
        """None for anything that is not an origin, `null` among them."""
        if not (match := ORIGIN.fullmatch(text.lower())):
            return None
        if not (scheme := match["scheme"] or default_scheme):
            return None
        port = match["port"] or DEFAULT_PORTS.get(scheme, "")
        return cls(scheme, match["host"], port)

    def is_covered_by(self, allowed: "Origin") -> bool:
        if (self.scheme, self.port) != (allowed.scheme, allowed.port):
            return False
        if not allowed.host.startswith("."):
            return self.host == allowed.host
        return self.host == allowed.host[1:] or self.host.endswith(allowed.host)


def allowed_origins(request: HttpRequest) -> list[Origin]:
    scheme = scheme_of(request)
    entries = conf.allowed_origins
    if entries is None:
        entries = (f".{host_of(request)}",)
    origins = (Origin.parse(entry, default_scheme=scheme) for entry in entries)
    return [origin for origin in origins if origin is not None]


def scheme_of(request: HttpRequest) -> str:
    # The gateway calls over TLS, which may end at a proxy in front of Django. The
    # request is known to be the gateway's by now, so the header may be believed.
    forwarded = (
        RequestHeaders(request).get("X-Forwarded-Proto", "").split(",")[-1].strip()
    )
    return forwarded.lower() or request.scheme or "http"


def host_of(request: HttpRequest) -> str:
    """Empty where the host is not in ALLOWED_HOSTS; no page belongs to it then."""
    try:
        return request.get_host()
    except DisallowedHost:
        return ""
