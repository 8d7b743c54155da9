"""Everything that can go wrong here and has a name.

WebSocketError
├── Refusal                       answered with its status and public text
│   ├── UntrustedRequest          403 Invalid request
│   ├── InvalidRequestHeaders     400 Invalid request headers
│   │   └── UnexpectedUserAgent   400 Invalid request headers
│   ├── TooManyAttempts           400 Too many connection attempts
│   ├── MissingHeaders            400 Missing N headers
│   ├── InvalidConnectionId       400 Invalid connection ID
│   ├── HostNotInOrigin           400 Host is not in Origin
│   ├── InvalidChannel            400 Invalid channel
│   ├── InvalidSession            400 Invalid session
│   ├── InvalidToken              400 Invalid or expired token
│   ├── NotPermitted              403 Permission Denied
│   ├── OwnCheckFailed            400 and the text of the project's own check
│   ├── InvalidRequestFormat      400 Invalid request format (1)
│   │   └── InvalidFields         400 Invalid request format (1)
│   ├── NotAuthenticated          403 Authentication required
│   └── RateLimitExceeded         403 Rate limit exceeded
├── AlreadyConnected              the gateway asks a second time for the same client
├── SendFailed                    a message did not reach the gateway
├── BroadcastNotQueued            a message to many is not on the queue, or not all of it
├── NoCredentials                 there is no key to sign calls to AWS with
└── NoRegion                      there is no region to sign calls to AWS for
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class WebSocketError(Exception):
    """The base of all errors of this package."""


class Refusal(WebSocketError):
    """The gateway, or a client behind it, asked for something it does not get.

    `public_text` is all that a stranger learns, `code` is what an `error` frame
    carries, and `reason` is for the log. `hook` is the method of a view that answers.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str]
    hook: ClassVar[str] = "refused"
    public_text: str

    fields: Mapping[str, Sequence[str]] | None = None
    """What is wrong with each field of a form, where there is one."""

    def __init__(self, reason: str, *, retry_after: int | None = None) -> None:
        """`retry_after`: seconds after which it may be tried again, where known."""
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class UntrustedRequest(Refusal):
    """Raise when nothing proves that the request comes from the gateway."""

    status = 403
    public_text = "Invalid request"
    code = "invalid_request"
    hook = "invalid_gateway_secret"


class InvalidRequestHeaders(Refusal):
    """Raise when a mapped header is missing, ambiguous or contradicts the URL."""

    public_text = "Invalid request headers"
    code = "invalid_request_headers"
    hook = "missing_headers"


class UnexpectedUserAgent(InvalidRequestHeaders):
    """Raise when the User-Agent is not the gateway's."""

    hook = "invalid_useragent"


class TooManyAttempts(Refusal):
    """Raise when an address or a user has no attempt to connect left."""

    public_text = "Too many connection attempts"
    code = "too_many_attempts"


class MissingHeaders(Refusal):
    """Raise when a handshake lacks headers that the view requires."""

    code = "missing_headers"
    hook = "missing_headers"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"without {', '.join(names)}")
        self.public_text = f"Missing {len(names)} headers"


class InvalidConnectionId(Refusal):
    """Raise when the id is malformed, taken or unknown, or its session has ended."""

    public_text = "Invalid connection ID"
    code = "invalid_connection_id"
    hook = "session_not_found"


class HostNotInOrigin(Refusal):
    """Raise when a page of another site opens the socket."""

    public_text = "Host is not in Origin"
    code = "host_not_in_origin"


class InvalidChannel(Refusal):
    """Raise when the name of the channel is not one."""

    public_text = "Invalid channel"
    code = "invalid_channel"


class InvalidSession(Refusal):
    """Raise when the cookie of a handshake belongs to another login than its token."""

    public_text = "Invalid session"
    code = "invalid_session"


class InvalidToken(Refusal):
    """Raise when a token is missing, unknown, used, too old or its user's no more."""

    public_text = "Invalid or expired token"
    code = "invalid_token"


class NotPermitted(Refusal):
    """Raise when the user may not do this, or may not be in that channel."""

    status = 403
    public_text = "Permission Denied"
    code = "permission_denied"
    hook = "permission_denied"


class OwnCheckFailed(Refusal):
    """Raise when the check that a project has added says no, in its own words."""

    code = "check_failed"

    def __init__(self, public_text: str) -> None:
        super().__init__("the view's own check")
        self.public_text = public_text


class InvalidRequestFormat(Refusal):
    """Raise when a message cannot be read, or names no handler that exists."""

    public_text = "Invalid request format (1)"
    code = "invalid_request_format"
    hook = "handler_selection_key_missing"


class InvalidFields(InvalidRequestFormat):
    """Raise when the form of a handler does not take the message."""

    code = "invalid_fields"
    hook = "refused"

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        super().__init__(f"invalid: {', '.join(sorted(fields))}")
        self.fields = fields


class NotAuthenticated(Refusal):
    """Raise when nobody is logged in."""

    status = 403
    public_text = "Authentication required"
    code = "authentication_required"


class RateLimitExceeded(Refusal):
    """Raise when somebody asks for tokens, or sends messages, too often."""

    status = 403
    public_text = "Rate limit exceeded"
    code = "rate_limit_exceeded"


class AlreadyConnected(WebSocketError):
    """Raise when a `$connect` comes a second time, with the same id and token."""

    def __init__(self, session: Any) -> None:
        super().__init__(str(session))
        self.session = session


class SendFailed(WebSocketError):
    """Raise when a message was throttled or failed; the client may still be there."""

    def __init__(self, outcome: str, reason: str) -> None:
        super().__init__(f"The message was not sent ({outcome}): {reason}")
        self.outcome = outcome
        self.reason = reason


class BroadcastNotQueued(WebSocketError):
    """Raise when the queue did not take a broadcast, or only a part of it."""

    def __init__(
        self, broadcast: int, *, queued: int, recipients: int, reason: str
    ) -> None:
        super().__init__(
            f"{queued} of the {recipients} recipients of broadcast {broadcast} are on "
            f"the queue: {reason.rstrip('.')}. The others are written down, and "
            "manage.py redrive_broadcasts puts them on the queue"
        )
        self.broadcast = broadcast
        self.queued = queued
        self.recipients = recipients


class NoCredentials(WebSocketError):
    """Raise when nothing says with which key calls to AWS are signed."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"{reason}. Give the function a role, set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, or name a profile in the setting AWS_IAM_PROFILE"
        )


class NoRegion(WebSocketError):
    """Raise when nothing says for which region calls to AWS are signed."""

    def __init__(self, callback_url: str) -> None:
        super().__init__(
            f"{callback_url} names no region, and nothing else does: set "
            "AWS_GATEWAY_REGION_NAME in the settings, or AWS_REGION in the environment"
        )
