"""`manage.py send_message`: what somebody sees who waits for it."""

import os
import pty
import re

import pytest

from django_aws_api_gateway_websockets.management import progress_line
from django_aws_api_gateway_websockets.messaging.contract import Delivery, Outcome

pytestmark = pytest.mark.django_db(transaction=True)


class Patient:
    """Remembers how long it may take."""

    seconds = 0.0

    def perform(self, recipients, requests, *, seconds, **options):
        Patient.seconds = seconds
        yield from ((each, Delivery(Outcome.SENT)) for each in recipients)


def test_nobody_waits_so_there_is_no_deadline(lobby, use, run):
    use(Patient)

    run.send("--all")

    assert Patient.seconds == float("inf")


def shown_on_a_terminal(run):
    """What somebody sees, up to the end of the line."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as screen, os.fdopen(theirs, "w") as stream:
        run.errors = stream
        run.send("--all")
        stream.flush()
        shown = ""
        while "\n" not in shown:
            shown += screen.read(10_000).decode()
    return shown


class TestTheProgress:
    def test_is_one_line_at_the_end_where_nobody_looks(self, lobby, transport, run):
        run.send("--all")

        assert re.fullmatch(r"4 of 4, [\d,]+/s\n", run.errors.getvalue())

    def test_is_a_bar_on_a_terminal(self, lobby, transport, run, monkeypatch):
        monkeypatch.setattr(progress_line, "PAUSE", 0)

        shown = shown_on_a_terminal(run)

        bars = re.findall(r"\r\[([#-]{40})\] (\d) of 4, [\d,]+/s", shown)
        assert [(bar.count("#"), done) for bar, done in bars] == [
            (10, "1"), (20, "2"), (30, "3"), (40, "4"), (40, "4"),
        ]  # fmt: skip
