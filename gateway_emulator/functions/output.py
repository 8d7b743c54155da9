"""What a worker writes, passed on to standard error: stdout is for addresses and answers."""

import asyncio
import codecs
import os
import sys
from contextlib import suppress

PIPE_BYTES = 65_536  # a pipe holds no more, so one reading empties it


class WorkerOutput:
    """A pipe that a worker writes to; what is in it can be printed at any time."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.reader, False)
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.ends_a_line = True
        self.is_open = True
        asyncio.get_running_loop().add_reader(self.reader, self.pass_on)

    def pass_on(self) -> None:
        """Print what the worker has written until now."""
        if not self.is_open:
            return
        try:
            output = os.read(self.reader, PIPE_BYTES)
        except BlockingIOError:
            return
        if not output:  # the worker and its children have closed it
            asyncio.get_running_loop().remove_reader(self.reader)
            return
        # awslambdaric joins the lines of a traceback as CloudWatch wants them.
        readable = self.decoder.decode(output).replace("\r", "\n").replace("\xa0", " ")
        if readable:
            self.ends_a_line = readable.endswith("\n")
        with suppress(OSError):  # nobody reads it any longer
            sys.stderr.write(readable)
            sys.stderr.flush()

    def finish_line(self) -> None:
        """Print what is left, so that another's line can follow."""
        self.pass_on()
        if not self.ends_a_line:
            self.ends_a_line = True
            with suppress(OSError):
                print(file=sys.stderr, flush=True)  # noqa: T201

    def close_writer(self) -> None:
        """Leave the writing end to the worker."""
        os.close(self.writer)

    def close(self) -> None:
        """Print the last words of a worker; what it or its children write later is lost."""
        if not self.is_open:
            return
        self.pass_on()
        self.is_open = False
        asyncio.get_running_loop().remove_reader(self.reader)
        os.close(self.reader)
