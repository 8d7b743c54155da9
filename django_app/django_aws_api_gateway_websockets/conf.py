import os
from collections.abc import Mapping
from typing import Any

from django.conf import settings


class Conf:
    """Every setting, read when it is asked for, beside its default."""

    @property
    def gateway_secret(self) -> tuple[str, ...]:
        """All of these are accepted; none configured accepts no header."""
        return texts(self.websockets.get("gateway_secret") or ())

    @property
    def allowed_origins(self) -> tuple[str, ...] | None:
        """None: the page's host must be the request's own, or a sub-domain of it."""
        origins = self.websockets.get("allowed_origins", None)
        return None if origins is None else texts(origins)

    @property
    def api_id(self) -> str:
        return self.websockets.get("api_id") or ""

    @property
    def callback_url(self) -> str:
        return self.websockets.get("callback_url") or ""

    @property
    def transport(self) -> str:
        return (
            self.websockets.get("transport")
            or f"{__package__}.messaging.boto3_transport.Boto3Transport"
        )

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
        return getattr(settings, "WEBSOCKETS", {})


def texts(value: Any) -> tuple[str, ...]:
    """A setting may be one text or a list of them; empty ones say nothing."""
    values = (value,) if isinstance(value, str) else value
    return tuple(text for text in values if text)


conf = Conf()
