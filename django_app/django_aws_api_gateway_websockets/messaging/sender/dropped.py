"""Why a connection is of no use any more."""

import ssl


class Dropped(Exception):
    """Raise when a connection cannot be opened, or has come to an end."""


class UntrustedCertificate(Dropped):
    """Raise when nobody who is trusted has signed for the endpoint's name."""


def reason_of(error: Exception) -> str:
    """What a recipient is told of an error of the socket, of TLS or of HTTP."""
    if isinstance(error, ssl.SSLError) and error.reason:
        return f"TLS: {error.reason}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)
