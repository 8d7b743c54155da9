"""When and where the next connection to an endpoint is opened."""

import time

from .connection import Connection
from .dropped import Dropped
from .endpoints import USUAL_LOOK_UP, Address, Endpoint, LookUp
from .trusted_roots import TrustedRoots

CALLS_FOR_A_CONNECTION = 10  # to open one costs as much as to make fifty calls
MOST_FAILURES = 4  # in a row, of all addresses
FIRST_PAUSE = 0.1  # seconds before all addresses are tried again, doubled each time
PAUSE_OF_LOOK_UPS = 1.0  # seconds, however many calls are lost


class Opening:
    def __init__(self, endpoint: Endpoint, roots: TrustedRoots) -> None:
        self.endpoint = endpoint
        self.roots = roots
        self.addresses: list[Address] = []  # those that have not failed
        self.turn = -1
        self.looking_up: LookUp | None = None
        self.look_up_again_at = 0.0
        self.failures = 0
        self.next_at = 0.0
        self.has_succeeded = False

    @property
    def is_hopeless(self) -> bool:
        return self.failures >= MOST_FAILURES

    def is_worth_it(self, now: float, *, waiting: int, connections: int) -> bool:
        """To open one more, for so many calls that wait."""
        if not waiting or now < self.next_at:
            return False
        wanted = 1
        if self.has_succeeded:
            wanted += (waiting + connections) // CALLS_FOR_A_CONNECTION
        return connections < wanted

    def begin(self, now: float, *, may_wait: bool) -> Connection | None:
        """A connection that is not open yet; Dropped where not even that can be.

        None: nobody has said yet where the endpoint is.
        """
        if not self.addresses and not self.look_up(now, may_wait=may_wait):
            return None
        self.turn = (self.turn + 1) % len(self.addresses)
        address = self.addresses[self.turn]
        try:
            return self.connection_to(address, now)
        except Dropped:
            self.failed(address, now)
            raise

    def connection_to(self, address: Address, now: float) -> Connection:
        name, context = self.endpoint.name, None
        if self.endpoint.is_secure:
            try:
                context = self.roots.context_for(name)
            except OSError as error:
                raise Dropped(f"AWS_CA_BUNDLE cannot be read: {error}") from None
        return Connection(address, context, name, now)

    def look_up(self, now: float, *, may_wait: bool) -> bool:
        """Is there an answer by now? Nearly always there is after a moment.

        All endpoints share the moment, from `now` on, or many would be many moments.
        """
        patience = 0.0
        if self.looking_up is None:
            self.looking_up = LookUp(self.endpoint.name, self.endpoint.port)
            if may_wait:
                patience = now + USUAL_LOOK_UP - time.monotonic()
        try:
            addresses = self.looking_up.addresses(patience=patience)
        except OSError as error:
            self.looking_up = None
            self.all_failed(now)
            raise Dropped(str(error)) from None
        if addresses is None:
            return False
        self.looking_up = None
        self.addresses, self.turn = addresses, -1
        return True

    def look_up_again(self, now: float) -> None:
        """Servers have gone away; others may have come in their place."""
        if now >= self.look_up_again_at:  # it takes a thread and a question each time
            self.look_up_again_at = now + PAUSE_OF_LOOK_UPS
            self.addresses = []

    def succeeded(self) -> None:
        self.failures = 0
        self.has_succeeded = True

    def failed(self, address: Address, now: float) -> None:
        """Go on with the other addresses, or with all of them after a pause."""
        if address not in self.addresses:  # of many that were begun together
            return
        if self.addresses.index(address) <= self.turn:
            self.turn -= 1  # or the next one would lose its turn
        self.addresses.remove(address)
        if not self.addresses:
            self.all_failed(now)

    def all_failed(self, now: float) -> None:
        self.has_succeeded = False
        self.next_at = now + FIRST_PAUSE * 2**self.failures
        self.failures += 1
