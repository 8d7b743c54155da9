from django_aws_api_gateway_websockets.messaging.broadcast import BroadcastResult

from .gateways import ApiGateway
from .sending import DEFERRED, Deferred
from .sessions import ClosedReason, WebSocketSession

__all__ = (
    "DEFERRED",
    "ApiGateway",
    "BroadcastResult",
    "ClosedReason",
    "Deferred",
    "WebSocketSession",
)
