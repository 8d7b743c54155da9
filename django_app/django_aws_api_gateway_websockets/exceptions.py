"""Everything that can go wrong here and has a name.

WebSocketError
├── Refusal                       answered with its status and public text
│   ├── UntrustedRequest          403 Invalid request
│   ├── InvalidRequestHeaders     400 Invalid request headers
│   ├── InvalidConnectionId       400 Invalid connection ID
│   ├── HostNotInOrigin           400 Host is not in Origin
│   ├── InvalidChannel            400 Invalid channel
│   └── InvalidRequestFormat      400 Invalid request format (1)
└── SendFailed                    a message did not reach the gateway
"""

from typing import ClassVar


class WebSocketError(Exception):
    """The base of all errors of this package."""


class Refusal(WebSocketError):
    """The gateway, or a client behind it, asked for something it does not get.

    `public_text` is all that a stranger learns, `code` is what an `error` frame
    carries, and `reason` is for the log.
    """

    status: ClassVar[int] = 400
    public_text: ClassVar[str]
    code: ClassVar[str]

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UntrustedRequest(Refusal):
    """Raise when nothing proves that the request comes from the gateway."""

    status = 403
    public_text = "Invalid request"
    code = "invalid_request"


class InvalidRequestHeaders(Refusal):
    """Raise when a mapped header is missing, ambiguous or contradicts the URL."""

    public_text = "Invalid request headers"
    code = "invalid_request_headers"


class InvalidConnectionId(Refusal):
    """Raise when the id is malformed, taken, unknown, or its session is closed."""

    public_text = "Invalid connection ID"
    code = "invalid_connection_id"


class HostNotInOrigin(Refusal):
    """Raise when a page of another site opens the socket."""

    public_text = "Host is not in Origin"
    code = "host_not_in_origin"


class InvalidChannel(Refusal):
    """Raise when the name of the channel is not one."""

    public_text = "Invalid channel"
    code = "invalid_channel"


class InvalidRequestFormat(Refusal):
    """Raise when a message cannot be read, or names no handler that exists."""

    public_text = "Invalid request format (1)"
    code = "invalid_request_format"


class SendFailed(WebSocketError):
    """Raise when a message was throttled or failed; the client may still be there."""

    def __init__(self, outcome: str, reason: str) -> None:
        super().__init__(f"The message was not sent ({outcome}): {reason}")
        self.outcome = outcome
        self.reason = reason
