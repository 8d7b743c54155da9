"""Looking at a large broadcast until it is finished."""

import time

from django.core.management.base import CommandError, OutputWrapper

from django_aws_api_gateway_websockets.models import Broadcast

from .progress_line import ProgressLine

PAUSE = 1.0  # seconds between two looks
INTERRUPTED = 130  # as shells say it of whatever Ctrl-C has ended


def watch(broadcast: Broadcast, stream: OutputWrapper) -> None:
    """Show how far it is, until nobody waits or wants to look any longer."""
    if broadcast.recipients is None:
        raise CommandError(
            f"{broadcast} has not been written to its end: if nobody is writing it "
            "now, nobody ever gets it. Send the message again"
        )
    line = ProgressLine(stream, broadcast.recipients)
    try:
        while not show(broadcast, line):
            time.sleep(PAUSE)
    except KeyboardInterrupt:
        raise CommandError(
            "Interrupted. The queue goes on: see show_broadcasts",
            returncode=INTERRUPTED,
        ) from None
    finally:
        line.end()


def show(broadcast: Broadcast, line: ProgressLine) -> bool:
    """True if it is finished."""
    progress = broadcast.progress
    line.show(progress.settled)
    return progress.is_finished
