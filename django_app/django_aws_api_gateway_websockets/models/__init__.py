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
