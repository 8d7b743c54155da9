"""What this process has open."""

import time
from pathlib import Path


def open_selectors():
    return sum(
        each.readlink().match("*eventpoll*")
        for each in Path("/proc/self/fd").iterdir()
        if each.is_symlink()
    )


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def files_come_to(number):
    """The server's own take a moment."""
    for _ in range(100):
        if open_files() <= number:
            return True
        time.sleep(0.01)
    return False
