"""Every setting, read when it is asked for, beside its default."""

import os
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings


class Conf:
    """The keys of `WEBSOCKETS`, and what else of the settings is read here.

    What is of another type counts as not set, and so does a number that is too small.
    """

    @property
    def access_key(self) -> tuple[str, str] | None:
        """With its secret; one of them alone says nothing."""
        key_id = getattr(settings, "AWS_ACCESS_KEY_ID", None)
        secret = getattr(settings, "AWS_SECRET_ACCESS_KEY", None)
        return (key_id, secret) if key_id and secret else None

    @property
    def allowed_origins(self) -> tuple[str, ...] | None:
        """None: the page's host must be the request's own, or a sub-domain of it."""
        origins = self.websockets.get("allowed_origins", None)
        return texts(origins) if isinstance(origins, Iterable) else None

    @property
    def api_id(self) -> str:
        return self.websockets.get("api_id") or ""

    @property
    def broadcast_queue_threshold(self) -> int:
        """Recipients up to which a message is sent at once, though there is a queue."""
        return self.number("broadcast_queue_threshold", default=5_000, least=0)

    @property
    def broadcast_queue_url(self) -> str:
        """The queue of large broadcasts; empty: there is none."""
        return self.websockets.get("broadcast_queue_url") or ""

    @property
    def callback_url(self) -> str:
        return self.websockets.get("callback_url") or ""

    @property
    def callbacks_per_second(self) -> int:
        """Calls to the Management API, of one process; 0 is no limit."""
        return self.number("callbacks_per_second", default=4_000, least=0)

    @property
    def gateway_secret(self) -> tuple[str, ...]:
        """All of these are accepted; none configured accepts no header."""
        return texts(self.websockets.get("gateway_secret"))

    @property
    def iam_profile(self) -> str | None:
        """A profile of AWS's configuration files, which then holds over any key."""
        return getattr(settings, "AWS_IAM_PROFILE", None) or None

    @property
    def message_rate_limit_per_minute(self) -> int:
        """Messages of one connection; 0 is no limit."""
        return self.number("message_rate_limit_per_minute", default=600, least=0)

    @property
    def rate_limit_max_attempts(self) -> int:
        """Attempts to connect of one address, and of one user, in a window."""
        return self.number("rate_limit_max_attempts", default=20)

    @property
    def rate_limit_window_minutes(self) -> int:
        return self.number("rate_limit_window_minutes", default=1)

    @property
    def require_session_cookie(self) -> bool:
        """A token alone opens no connection."""
        return self.websockets.get("require_session_cookie") is True

    @property
    def token_expiry_seconds(self) -> int:
        return self.number("token_expiry_seconds", default=60)

    @property
    def token_rate_limit_per_minute(self) -> int:
        """Tokens of one user."""
        return self.number("token_rate_limit_per_minute", default=20)

    @property
    def transport(self) -> str:
        return (
            self.websockets.get("transport") or f"{__package__}.messaging.sender.Sender"
        )

    @property
    def trusted_proxy_count(self) -> int | None:
        """Hops of X-Forwarded-For, from the right, that are your own proxies'."""
        return self.number("trusted_proxy_count", default=0) or None

    @property
    def region(self) -> str | None:
        """None leaves the question to boto3, which reads its own configuration."""
        return (
            getattr(settings, "AWS_GATEWAY_REGION_NAME", None)
            or getattr(settings, "AWS_REGION_NAME", None)
            or os.environ.get("AWS_REGION")
            or None
        )

    @property
    def websockets(self) -> Mapping[str, Any]:
        websockets = getattr(settings, "WEBSOCKETS", {})
        return websockets if isinstance(websockets, Mapping) else {}

    def number(self, name: str, *, default: int, least: int = 1) -> int:
        value = self.websockets.get(name, default)
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return value if is_number and value >= least else default


def texts(value: Any) -> tuple[str, ...]:
    """A setting may be one text or a list of them; empty ones say nothing."""
    several = isinstance(value, Iterable) and not isinstance(value, str)
    return tuple(
        text
        for text in (value if several else (value,))
        if text and isinstance(text, str)
    )


conf = Conf()
