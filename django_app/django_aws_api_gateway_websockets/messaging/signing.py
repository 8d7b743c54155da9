"""AWS Signature Version 4 ("Create a signed AWS API request", IAM User Guide).

`Signatures` signs any request; `Signer` makes those of the Management API, of which
only the connection differs: all else is computed once.
"""

import hmac
import re
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from posixpath import normpath
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from .credentials import Credentials

ALGORITHM = "AWS4-HMAC-SHA256"
BLOCK = 64  # bytes that SHA-256 takes at once
INNER_PAD = bytes(byte ^ 0x36 for byte in range(256))
OUTER_PAD = bytes(byte ^ 0x5C for byte in range(256))
SERVICE = "execute-api"
# All ids that the gateway gives are such, of which only "=" is quoted.
ORDINARY_ID = re.compile(r"[A-Za-z0-9_=-]+")
UNQUOTED = "/%:@!$&'()*+,;="  # beside letters and digits, in a URL ("Path", RFC 3986)
VISIBLE = re.compile(r"[!-~]+")


class Signatures:
    """Signs any request to one service in one region, within one second."""

    def __init__(
        self, credentials: "Credentials", *, region: str, service: str, at: datetime
    ) -> None:
        self.timestamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{self.timestamp[:8]}/{region}/{service}/aws4_request"
        self.credential = f"{credentials.access_key}/{scope}"
        # HMAC, a hash of a hash (RFC 2104), by hand: how both begin is always the same,
        # and to copy it takes half the time that the module takes.
        key = signing_key(credentials.secret_key, scope).ljust(BLOCK, b"\0")
        self.inner = sha256(key.translate(INNER_PAD))
        self.inner.update(f"{ALGORITHM}\n{self.timestamp}\n{scope}\n".encode())
        self.outer = sha256(key.translate(OUTER_PAD))

    def signature_of(self, canonical_request: str) -> str:
        inner = self.inner.copy()
        inner.update(sha256(canonical_request.encode()).hexdigest().encode())
        outer = self.outer.copy()
        outer.update(inner.digest())
        return outer.hexdigest()


@lru_cache(maxsize=16)
def signing_key(secret_key: str, scope: str) -> bytes:
    """Good for the day, the region and the service of the scope."""
    key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def canonical_path(path: str) -> str:
    """A path as it is signed: plain, and quoted once more than in the request."""
    plain = normpath(f"/{path.lstrip('/')}")
    end = "/" if path.endswith("/") and plain != "/" else ""
    return quote(plain + end)


class Signer:
    """Signs calls to the Management API that differ in nothing but the connection."""

    def __init__(
        self,
        credentials: "Credentials",
        *,
        region: str,
        host: str,
        method: str,
        base_path: str,
        body: bytes,
        at: datetime,
    ) -> None:
        """`host` has a port unless it is the scheme's own; `base_path` may be empty."""
        require_visible("region", region)
        require_visible("access key", credentials.access_key)
        second = at.replace(microsecond=0)
        self.signatures = signatures_of_second(credentials, region, second)
        self.method = method
        self.path, self.canonical_path = paths_below(base_path)

        headers = checked_headers(host, self.signatures.timestamp, credentials.token)
        names = ";".join(headers).lower()
        lines = "".join(f"{name.lower()}:{headers[name]}\n" for name in headers)
        self.after_canonical_path = f"\n\n{lines}\n{names}\n{sha256(body).hexdigest()}"

        lines = "".join(f"{name}: {headers[name]}\r\n" for name in headers)
        self.after_path = (
            f" HTTP/1.1\r\n{lines}Authorization: {ALGORITHM} Credential="
            f"{self.signatures.credential}, SignedHeaders={names}, Signature="
        )
        self.after_signature = f"\r\nContent-Length: {len(body)}\r\n\r\n"

    def head(self, connection_id: str) -> bytes:
        """The request up to its body."""
        if ORDINARY_ID.fullmatch(connection_id):
            path = self.path + connection_id.replace("=", "%3D")
            signed_path = self.canonical_path + connection_id.replace("=", "%253D")
        else:
            path = self.path + quote(connection_id, safe="", errors="replace")
            signed_path = canonical_path(path)
        signature = self.signatures.signature_of(
            f"{self.method}\n{signed_path}{self.after_canonical_path}"
        )
        return (
            f"{self.method} {path}{self.after_path}{signature}{self.after_signature}"
        ).encode()


@lru_cache(maxsize=16)  # those who send one message after the other share them
def signatures_of_second(
    credentials: "Credentials", region: str, second: datetime
) -> Signatures:
    return Signatures(credentials, region=region, service=SERVICE, at=second)


@lru_cache(maxsize=128)
def paths_below(base_path: str) -> tuple[str, str]:
    """Of all connections: as they are requested, and as they are signed."""
    path = f"{quote(base_path.rstrip('/'), safe=UNQUOTED)}/@connections/"
    return path, canonical_path(path)


def checked_headers(host: str, timestamp: str, token: str | None) -> dict[str, str]:
    """Those that are signed."""
    require_visible("host", host)
    headers = {"Host": host, "X-Amz-Date": timestamp}
    if token:
        require_visible("session token", token)
        headers["X-Amz-Security-Token"] = token
    return headers


def require_visible(name: str, value: str) -> None:
    """A line break, for example, would end a header and begin another one."""
    if not VISIBLE.fullmatch(value):
        raise ValueError(f"The {name} is empty or holds a character that no header can")
