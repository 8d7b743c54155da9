"""The context of one event: what `context.NAME` means, and a Lambda event's `requestContext`."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from gateway_emulator.identifiers import new_request_id
from gateway_emulator.template.deployment import WebSocketApi
from gateway_emulator.websocket_api.connections import Connection, Ending


class EventType(Enum):
    CONNECT = "CONNECT"
    MESSAGE = "MESSAGE"
    DISCONNECT = "DISCONNECT"


@dataclass(frozen=True)
class EventContext:
    """One event of one connection."""

    api: WebSocketApi
    connection: Connection
    event_type: EventType
    route_key: str
    message_id: str | None = None  # of a message only
    ending: Ending | None = None  # of a disconnect only
    request_id: str = field(default_factory=new_request_id)
    time: float = field(default_factory=time.time)

    def request_context(self) -> dict[str, Any]:
        """Return the members of `requestContext`, in the order in which AWS sends them."""
        connection = self.connection
        members: dict[str, Any] = {"routeKey": self.route_key}
        if self.message_id is not None:
            members["messageId"] = self.message_id
        if self.ending is not None:
            members["disconnectStatusCode"] = self.ending.code
        members |= {
            "eventType": self.event_type.value,
            "extendedRequestId": self.request_id,
            "requestTime": time.strftime(
                "%d/%b/%Y:%H:%M:%S +0000", time.gmtime(self.time)
            ),
            "messageDirection": "IN",
        }
        if self.ending is not None:
            members["disconnectReason"] = self.ending.reason
        return members | {
            "stage": connection.stage,
            "connectedAt": int(connection.connected_at * 1000),
            "requestTimeEpoch": int(self.time * 1000),
            "identity": self.identity(),
            "requestId": self.request_id,
            "domainName": connection.domain_name,
            "connectionId": connection.id,
            "apiId": self.api.api_id,
        }

    def identity(self) -> dict[str, str]:
        identity = {"sourceIp": self.connection.source_ip}
        if self.connection.user_agent is not None:
            identity = {"userAgent": self.connection.user_agent, **identity}
        return identity

    def variable(self, name: str) -> str | None:
        """Return the context variable that a parameter mapping names, None where it is empty."""
        value: Any = self.request_context()
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return None if value is None else str(value)
