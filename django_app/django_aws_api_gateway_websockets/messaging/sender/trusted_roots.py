"""Whom an endpoint's certificate has to be signed by."""

import os
import ssl
from functools import lru_cache
from pathlib import Path

from .tls_sockets import TLSSocket

AMAZON_ROOTS = Path(__file__).with_name("amazon_roots.pem")


class TrustedRoots:
    """Amazon's roots, or all that the system trusts where those do not do.

    To parse the five of them takes a third of the time of a cold function's first
    message less than the whole bundle.
    """

    def __init__(self) -> None:
        self.of_others: set[str] = set()

    def context_for(self, name: str) -> ssl.SSLContext:
        bundle = os.environ.get("AWS_CA_BUNDLE")
        if bundle:
            return context_with(bundle)
        return context_with(None if name in self.of_others else str(AMAZON_ROOTS))

    def allow_others(self, name: str, refusing: ssl.SSLContext | None) -> bool:
        """Trust what the system trusts; False if that is what has refused."""
        self.of_others.add(name)
        return self.context_for(name) is not refusing


@lru_cache(maxsize=8)
def context_with(bundle: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=bundle)
    context.sslsocket_class = TLSSocket
    return context
