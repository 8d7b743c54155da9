"""A small process that ends the workers when the emulator is gone, however it went.

Started as `reaper.py`; reads `+ID` and `-ID` lines, the process groups that begin and end.
When standard input closes, which even SIGKILL brings about, what is left is killed.
"""

import contextlib
import os
import signal
import sys

if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # they are the emulator's to answer
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line.startswith("+"):
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
