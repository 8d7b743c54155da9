from django.core.exceptions import ImproperlyConfigured

from .installation import HINT, other_distribution

try:
    from django_aws_api_gateway_websockets.messaging.broadcast import BroadcastResult

    from .additional_routes import ApiGatewayAdditionalRoute
    from .attempts import ConnectionRateLimit
    from .broadcast_shards import BroadcastShard
    from .broadcasts import Broadcast
    from .channels import ChannelAccess, ChannelPermission, ChannelPermissionRule
    from .closed_reasons import ClosedReason
    from .gateways import ApiGateway
    from .rate_limits import RateLimit, RateLimitBucket
    from .sending import DEFERRED, Deferred
    from .sessions import WebSocketSession
    from .tokens import WebSocketToken
except ImportError as error:
    # No check runs before the models are there, so it is said here.
    if text := other_distribution():
        raise ImproperlyConfigured(f"{text}. {HINT}") from error
    raise

__all__ = (
    "DEFERRED",
    "ApiGateway",
    "ApiGatewayAdditionalRoute",
    "Broadcast",
    "BroadcastResult",
    "BroadcastShard",
    "ChannelAccess",
    "ChannelPermission",
    "ChannelPermissionRule",
    "ClosedReason",
    "ConnectionRateLimit",
    "Deferred",
    "RateLimit",
    "RateLimitBucket",
    "WebSocketSession",
    "WebSocketToken",
)
