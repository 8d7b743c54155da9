from collections.abc import Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

ENCODER = DjangoJSONEncoder(
    # Unescaped, so that the limit counts what people write and not \uXXXX.
    ensure_ascii=False,
    # NaN is not JSON: a browser would refuse the whole message.
    allow_nan=False,
    separators=(",", ":"),
)
MAX_MESSAGE_SIZE = 131_072  # bytes: the gateway's own limit


def encode(message: Mapping[str, Any]) -> bytes:
    """The message as the client gets it; ValueError where it cannot be sent."""
    # Half a surrogate pair, which a client may have sent in, has no UTF-8.
    encoded = ENCODER.encode(message).encode(errors="replace")
    if len(encoded) > MAX_MESSAGE_SIZE:
        raise ValueError(
            f"The message has {len(encoded)} bytes, more than {MAX_MESSAGE_SIZE}"
        )
    return encoded
