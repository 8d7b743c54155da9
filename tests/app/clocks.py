"""The clock of tests that are about seconds."""

from datetime import timedelta

from django.utils import timezone

from tests.app.old_rows import NOW


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self, monkeypatch):
        self.time = NOW
        monkeypatch.setattr(timezone, "now", lambda: self.time)

    def advance(self, seconds):
        """Also back, for less than no seconds."""
        self.time += timedelta(seconds=seconds)
