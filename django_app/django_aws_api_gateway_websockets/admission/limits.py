"""Has it attempts left? Each takes one of its address, and one of its user."""

from django_aws_api_gateway_websockets.client_address import (
    forwarded_address,
    limited_address,
)
from django_aws_api_gateway_websockets.conf import conf
from django_aws_api_gateway_websockets.exceptions import (
    InvalidRequestHeaders,
    TooManyAttempts,
)
from django_aws_api_gateway_websockets.models import RateLimit, RateLimitBucket
from django_aws_api_gateway_websockets.request_headers import RequestHeaders

from .attempt import ConnectionAttempt


def address_has_attempts_left(attempt: ConnectionAttempt) -> None:
    if attempt.view.RATE_LIMIT_ENABLED and (address := client_address(attempt)):
        take_attempt(attempt, f"connect {address}")


def user_has_attempts_left(attempt: ConnectionAttempt) -> None:
    if attempt.view.RATE_LIMIT_ENABLED and attempt.user is not None:
        take_attempt(attempt, f"connect-user {attempt.user.pk}")


def client_address(attempt: ConnectionAttempt) -> str | None:
    """None where nobody can tell: then there is no limit by address."""
    headers = RequestHeaders(attempt.request)
    if proxies := conf.trusted_proxy_count:
        # Then nothing else is believed: of a gateway that does not map the other
        # header, it would be the client's own.
        header = headers.get("X-Forwarded-For", "")
        address = forwarded_address(header, trusted_proxies=proxies)
    elif not (address := headers.get("X-Ws-Source-Ip", "")):
        return None
    if (limited := limited_address(address)) is None:
        raise InvalidRequestHeaders(f"{address[:64]!r} is no address")
    return limited


def take_attempt(attempt: ConnectionAttempt, name: str) -> None:
    view = attempt.view
    attempts, minutes = view.RATE_LIMIT_MAX_ATTEMPTS, view.RATE_LIMIT_WINDOW_MINUTES
    limit = RateLimit(
        limit=attempts if attempts > 0 else conf.rate_limit_max_attempts,
        window=60 * (minutes if minutes > 0 else conf.rate_limit_window_minutes),
    )
    if seconds := RateLimitBucket.objects.take_slot(name, limit):
        raise TooManyAttempts(f"{name}: {limit}", retry_after=seconds)
