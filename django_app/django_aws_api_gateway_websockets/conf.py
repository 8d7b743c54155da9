"""Every setting, read when it is asked for, beside its default."""

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, TypeVar, cast, overload

from django.conf import settings

from .expectations import FLAG, TEXT, TEXTS, Expectation, are_several, whole_number

Value = TypeVar("Value")

# Longer than anything that somebody may be asked for, and no overflow for any database.
A_CENTURY = 36_500  # days


class Setting(Generic[Value]):
    """A key of `WEBSOCKETS`, called as the attribute.

    What is not as expected counts as not set, and a check complains about it.
    """

    key: str

    def __init__(
        self,
        default: Value,
        expected: Expectation,
        *,
        read: Callable[[Any], Value | None] | None = None,
    ) -> None:
        self.default = default
        self.expected = expected
        self.read = read

    def __set_name__(self, owner: type, name: str) -> None:
        self.key = name

    @overload
    def __get__(self, conf: None, owner: type) -> "Setting[Value]": ...
    @overload
    def __get__(self, conf: "Conf", owner: type) -> Value: ...
    def __get__(self, conf: "Conf | None", owner: type) -> "Value | Setting[Value]":
        if conf is None:
            return self
        value = conf.websockets.get(self.key)
        if self.read is not None:
            value = self.read(value)
        elif not self.expected.is_met_by(value):
            return self.default
        return self.default if value is None else cast(Value, value)


def texts(value: Any) -> tuple[str, ...]:
    """A setting may be one text or a list of them; empty ones say nothing."""
    several = value if are_several(value) else (value,)
    return tuple(text for text in several if isinstance(text, str) and text)


def texts_if_any(value: Any) -> tuple[str, ...] | None:
    """A list without a text in it is none of the defaults: it allows nothing."""
    return texts(value) if isinstance(value, str) or are_several(value) else None


def text_if_any(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


PROXIES = whole_number(least=0, most=100)


def count_of_proxies(value: Any) -> int | None:
    return value or None if PROXIES.is_met_by(value) else None


class Conf:
    """The keys of `WEBSOCKETS`, and what else of the settings is read here."""

    allowed_origins = Setting[tuple[str, ...] | None](None, TEXTS, read=texts_if_any)
    """None: the page's host must be the request's own, or a sub-domain of it."""

    api_id = Setting("", TEXT)
    attempt_retention_days = Setting(7, whole_number(most=A_CENTURY))
    """Attempts hold addresses, so they go when nobody needs them any more."""

    broadcast_queue_threshold = Setting(5_000, whole_number(least=0))
    """Recipients up to which a message is sent at once, though there is a queue."""

    broadcast_queue_url = Setting("", TEXT)
    """The queue of large broadcasts; empty: there is none."""

    callback_url = Setting("", TEXT)
    callbacks_per_second = Setting(4_000, whole_number(least=0))
    """Calls to the Management API, of one process; 0 is no limit."""

    closed_session_retention_days = Setting(7, whole_number(most=A_CENTURY))
    """Long enough to look into what went wrong, a weekend included."""

    gateway_secret = Setting[tuple[str, ...]]((), TEXTS, read=texts)
    """All of these are accepted; none configured accepts no header."""

    message_rate_limit_per_minute = Setting(600, whole_number(least=0))
    """Messages of one connection; 0 is no limit."""

    rate_limit_max_attempts = Setting(20, whole_number())
    """Attempts to connect of one address, and of one user, in a window."""

    rate_limit_window_minutes = Setting(1, whole_number())
    require_session_cookie = Setting(False, FLAG)
    """A token alone opens no connection."""

    token_expiry_seconds = Setting(60, whole_number())
    token_rate_limit_per_minute = Setting(20, whole_number())
    """Tokens of one user."""

    transport = Setting(
        f"{__package__}.messaging.sender.Sender", TEXT, read=text_if_any
    )
    trusted_proxy_count = Setting[int | None](None, PROXIES, read=count_of_proxies)
    """Hops of X-Forwarded-For, from the right, that are your own proxies'."""

    websocket_url = Setting("", TEXT)
    """What pages open, with the stage."""

    @property
    def access_key(self) -> tuple[str, str] | None:
        """With its secret; one of them alone says nothing."""
        key_id = text_setting("AWS_ACCESS_KEY_ID")
        secret = text_setting("AWS_SECRET_ACCESS_KEY")
        return (key_id, secret) if key_id and secret else None

    @property
    def iam_profile(self) -> str | None:
        """A profile of AWS's configuration files, which then holds over any key."""
        return text_setting("AWS_IAM_PROFILE")

    @property
    def region(self) -> str | None:
        """None leaves the question to boto3, which reads its own configuration."""
        return (
            text_setting("AWS_GATEWAY_REGION_NAME")
            or text_setting("AWS_REGION_NAME")
            or os.environ.get("AWS_REGION")
            or None
        )

    @property
    def websockets(self) -> Mapping[str, Any]:
        websockets = getattr(settings, "WEBSOCKETS", {})
        return websockets if isinstance(websockets, Mapping) else {}

    def all_settings(self) -> Iterator[Setting[Any]]:
        """Each key of `WEBSOCKETS` that is known here."""
        for each in vars(type(self)).values():
            if isinstance(each, Setting):
                yield each


def text_setting(name: str) -> str | None:
    return text_if_any(getattr(settings, name, None))


conf = Conf()
