"""May this client connect? The policy is the tuple `CHECKS`, in its order."""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest

from .conf import conf
from .events import GatewayEvent
from .exceptions import HostNotInOrigin, InvalidChannel, InvalidRequestHeaders
from .models import ApiGateway

# Browsers send the scheme and the host, and the port only where it is not the scheme's.
ORIGIN = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?"
    r"(?P<host>[a-z0-9._-]+|\.?\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
)
DEFAULT_PORTS = {"http": "80", "https": "443"}


@dataclass
class ConnectionAttempt:
    """What the checks look at, and what they find out."""

    event: GatewayEvent
    request: HttpRequest
    channel_name_pattern: re.Pattern[str] | str
    max_channel_name_length: int
    gateway: ApiGateway | None = None
    channel_name: str = ""


Check = Callable[[ConnectionAttempt], None]


def gateway_is_known(attempt: ConnectionAttempt) -> None:
    attempt.gateway = find_gateway(attempt.event)


def connection_id_is_well_formed(attempt: ConnectionAttempt) -> None:
    attempt.event.require_well_formed_connection_id()


def origin_is_allowed(attempt: ConnectionAttempt) -> None:
    # No Origin is no browser: a page of another site cannot leave it out.
    if (header := attempt.request.headers.get("Origin")) is None:
        return
    origin = Origin.parse(header)
    if origin is None or not any(
        origin.is_covered_by(allowed) for allowed in allowed_origins(attempt.request)
    ):
        raise HostNotInOrigin(f"{header!r} is none of the allowed origins")


def channel_is_well_formed(attempt: ConnectionAttempt) -> None:
    name = attempt.request.GET.get("channel")
    if name is None and attempt.gateway is not None:
        name = attempt.gateway.default_channel_name
    if not name or len(name) > attempt.max_channel_name_length:
        raise InvalidChannel(f"the channel's name has {len(name or '')} characters")
    if not re.fullmatch(attempt.channel_name_pattern, name):
        raise InvalidChannel("the channel's name holds other characters")
    attempt.channel_name = name


CHECKS: tuple[Check, ...] = (
    gateway_is_known,
    connection_id_is_well_formed,
    origin_is_allowed,
    channel_is_well_formed,
)


def comes_from_the_gateway(request: HttpRequest) -> bool:
    """By a mark that no header can set, or by a secret that the gateway adds."""
    if request.META.get("gateway.trusted") is True:
        return True
    presented = request.headers.get("X-Ws-Gateway-Secret", "").encode()
    # All are compared, so that the time tells nothing of which one it was.
    matches = [
        hmac.compare_digest(presented, secret.encode())
        for secret in conf.gateway_secret
    ]
    return any(matches)


def find_gateway(event: GatewayEvent) -> ApiGateway:
    gateway = ApiGateway.objects.filter(api_id=event.api_id).first()
    if gateway is None:
        raise InvalidRequestHeaders(
            f"no gateway has the API id {event.api_id!r}: migrate, or add it in the admin"
        )
    return gateway


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
    forwarded = request.headers.get("X-Forwarded-Proto", "").split(",")[-1].strip()
    return forwarded.lower() or request.scheme or "http"


def host_of(request: HttpRequest) -> str:
    try:
        return request.get_host()
    except DisallowedHost:
        raise HostNotInOrigin("the request's host is not in ALLOWED_HOSTS") from None
