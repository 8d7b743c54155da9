"""Where an endpoint is: its parts, and the addresses that its name has."""

import socket
import time
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, zip_longest
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

LONGEST_LOOK_UP = 3.0  # seconds
USUAL_LOOK_UP = 0.05  # seconds that all the rest may be kept waiting, in one turn

Address = tuple[socket.AddressFamily, Any]  # as the socket module has them


@dataclass(frozen=True)
class Endpoint:
    """The parts of a callback URL."""

    is_secure: bool
    name: str
    port: int
    base_path: str

    @property
    def host(self) -> str:
        """As it stands in the Host header."""
        name = f"[{self.name}]" if ":" in self.name else self.name
        usual = 443 if self.is_secure else 80
        return name if self.port == usual else f"{name}:{self.port}"

    @property
    def origin(self) -> tuple[bool, str, int]:
        """Whoever shares it shares connections."""
        return self.is_secure, self.name, self.port


@lru_cache(maxsize=128)
def endpoint_at(callback_url: str) -> Endpoint:
    """The endpoint of a callback URL; ValueError where that is no address."""
    url = urlsplit(callback_url)
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise ValueError(f"{callback_url!r} is no address of a Management API")
    is_secure = url.scheme == "https"
    # Host names travel in ASCII.
    name = (
        url.hostname if url.hostname.isascii() else url.hostname.encode("idna").decode()
    )
    return Endpoint(
        is_secure, name, url.port or (443 if is_secure else 80), url.path.rstrip("/")
    )


class LookUp:
    """Asks for the addresses of a name, in a thread of its own.

    A name server that does not answer may take half a minute, and nobody can tell it to
    hurry.
    """

    def __init__(self, name: str, port: int) -> None:
        self.name = name
        self.found: SimpleQueue[list[Address] | OSError] = SimpleQueue()
        self.overdue_at = time.monotonic() + LONGEST_LOOK_UP
        Thread(target=self.ask, args=(port,), daemon=True).start()

    def ask(self, port: int) -> None:
        self.found.put(addresses_of(self.name, port))

    def addresses(self, *, patience: float) -> list[Address] | None:
        """Its families by turns; None: ask again later; OSError where it has none."""
        try:
            addresses = self.found.get(timeout=max(0, patience))
        except Empty:
            if time.monotonic() < self.overdue_at:
                return None
            raise OSError(f"nobody has said where {self.name} is") from None
        if isinstance(addresses, OSError):
            raise addresses
        return addresses


def addresses_of(name: str, port: int) -> list[Address] | OSError:
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as error:
        return OSError(f"{name} has no address ({error})")
    families: dict[int, list[Address]] = {family: [] for family, *_ in found}
    for family, _, _, _, address in found:
        families[family].append((family, address))
    by_turns = chain.from_iterable(zip_longest(*families.values()))
    return [address for address in by_turns if address is not None]
