"""What outlasts a broadcast."""

from .clock import Clock
from .pool import Pool
from .trusted_roots import TrustedRoots


class Kept:
    def __init__(self) -> None:
        self.pool = Pool()
        self.clock = Clock()
        self.roots = TrustedRoots()
