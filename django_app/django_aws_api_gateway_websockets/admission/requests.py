"""Is it a handshake of a gateway of ours, from a page that may make it?"""

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest

from django_aws_api_gateway_websockets.events import GatewayEvent
from django_aws_api_gateway_websockets.exceptions import (
    HostNotInOrigin,
    InvalidRequestHeaders,
    MissingHeaders,
    UnexpectedUserAgent,
)
from django_aws_api_gateway_websockets.models import ApiGateway
from django_aws_api_gateway_websockets.models.known_gateways import known_gateways
from django_aws_api_gateway_websockets.origins import Origin, allowed_origins
from django_aws_api_gateway_websockets.request_headers import RequestHeaders

from .attempt import ConnectionAttempt


def gateway_is_known(attempt: ConnectionAttempt) -> None:
    attempt.gateway = find_gateway(attempt.event)


def required_headers_are_there(attempt: ConnectionAttempt) -> None:
    required = attempt.view.required_connection_headers
    names = (required,) if isinstance(required, str) else tuple(required)
    if missing := [
        name for name in names if name not in RequestHeaders(attempt.request)
    ]:
        raise MissingHeaders(missing)


def user_agent_is_expected(attempt: ConnectionAttempt) -> None:
    # API Gateway passes a client's own User-Agent on, and names itself if there is none.
    if attempt.view.CHECK_CONNECT_USERAGENT:
        require_user_agent(attempt.request, attempt.view.expected_useragent_prefix)


def connection_id_is_well_formed(attempt: ConnectionAttempt) -> None:
    attempt.event.require_well_formed_connection_id()


def host_is_allowed(attempt: ConnectionAttempt) -> None:
    try:
        attempt.request.get_host()
    except DisallowedHost:
        raise HostNotInOrigin("the request's host is not in ALLOWED_HOSTS") from None


def origin_is_allowed(attempt: ConnectionAttempt) -> None:
    # No Origin is no browser: a page of another site cannot leave it out.
    if (header := RequestHeaders(attempt.request).get("Origin")) is None:
        return
    origin = Origin.parse(header)
    if origin is None or not any(
        origin.is_covered_by(allowed) for allowed in allowed_origins(attempt.request)
    ):
        raise HostNotInOrigin(f"{header[:100]!r} is none of the allowed origins")


def find_gateway(event: GatewayEvent) -> ApiGateway:
    gateway = known_gateways.find(event.api_id)
    if gateway is None:
        raise InvalidRequestHeaders(
            f"no gateway has the API id {event.api_id[:64]!r}: migrate, "
            "or add it in the admin"
        )
    return gateway


def require_user_agent(request: HttpRequest, prefix: str) -> None:
    if not RequestHeaders(request).get("User-Agent", "").startswith(prefix):
        raise UnexpectedUserAgent(f"the User-Agent does not begin with {prefix}")
