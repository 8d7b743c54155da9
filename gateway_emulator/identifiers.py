"""Ids in the forms that API Gateway gives them."""

import base64
import re
import secrets
import time

ACCOUNT = "123456789012"
WELL_FORMED_CONNECTION_ID = re.compile(r"[A-Za-z0-9_-]{15,}={1,2}")


def secret_name(arn: str) -> str:
    """Return a secret's name: its ARN ends in the name and six characters of its own."""
    return arn.rpartition(":")[2].rpartition("-")[0]


def function_arn(uri: str) -> str:
    """Return the function's ARN from an integration's URI, which may wrap it in another ARN."""
    return uri.partition("/functions/")[2].removesuffix("/invocations") or uri


def unqualified_arn(arn: str) -> str:
    """Return a function's ARN without the version or alias it may end in."""
    return ":".join(arn.split(":")[:7])


def new_connection_id() -> str:
    """Return 20 characters that end in `==`, as seen since 2026."""
    return base64.urlsafe_b64encode(secrets.token_bytes(13)).decode()


def new_message_id(connection_id: str) -> str:
    """Return an id of the same form; its last ten characters are the connection's, as on AWS."""
    return new_connection_id()[:10] + connection_id[-10:]


def new_request_id() -> str:
    """Return 16 characters that end in `=`."""
    return base64.urlsafe_b64encode(secrets.token_bytes(11)).decode()


def new_trace_id() -> str:
    """Return a value for X-Amzn-Trace-Id."""
    return f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}"
