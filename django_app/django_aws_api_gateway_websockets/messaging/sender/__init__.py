"""The fast sender: one thread, many connections, nothing but the standard library.

Read it from `transport.py` down: a `Sender` keeps connections between broadcasts, a
`Dispatch` is one broadcast, a `Lane` is one endpoint in it, and a `Connection` makes one
request at a time; what happens when one is lost is in `losses.py`.
"""

from .transport import Sender

__all__ = ["Sender"]
