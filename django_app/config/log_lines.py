"""Each thing that happens is one line of the log."""

import logging


def without_traceback(record: logging.LogRecord) -> bool:
    """Keep a record and drop its traceback, which for a wrong Host tells nothing more."""
    record.exc_info = None
    return True
