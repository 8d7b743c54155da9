"""API Gateway's quotas for sockets and requests, by name."""

from dataclasses import dataclass

# Source: "Quotas for configuring and running a WebSocket API", API Gateway Developer Guide.
MESSAGE_BYTES = 131_072
FRAME_BYTES = 32_768
WEBSOCKET_INTEGRATION_MILLISECONDS = 29_000
SHORTEST_INTEGRATION_MILLISECONDS = 50

# Source: "Quotas for configuring and running an HTTP API", same guide.
HTTP_BODY_BYTES = 10 * 1024 * 1024
HTTP_INTEGRATION_MILLISECONDS = 30_000

# Source: "Lambda quotas", Lambda Developer Guide: the init phase of an on-demand function,
# and what a synchronous invocation may carry. An answer has 100 bytes more than "6 MB".
INIT_SECONDS = 10.0
EVENT_BYTES = 6 * 1024 * 1024
ANSWER_BYTES = EVENT_BYTES + 100


@dataclass(frozen=True)
class SocketLifetime:
    """How long a socket may stay, in seconds; both ends close it with 1001."""

    idle: float = 600.0
    duration: float = 7200.0
