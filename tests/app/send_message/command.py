"""The command as a test runs it, with what it has written."""

import json
import re
from io import StringIO

from django.core.management import call_command

from tests.app.lobby import HELLO

TEXT = json.dumps(HELLO)
COUNTS = re.compile(r"^(\w+) +([\d,]+)$", re.MULTILINE)


class Run:
    """What a command has written."""

    def __init__(self):
        self.output = StringIO()
        self.errors = StringIO()

    def send(self, *arguments, message=TEXT):
        streams = {"stdout": self.output, "stderr": self.errors}
        call_command("send_message", *arguments, message, **streams)
        return self

    @property
    def counts(self):
        return {
            name: int(count.replace(",", ""))
            for name, count in COUNTS.findall(self.output.getvalue())
        }
