"""Run the command line; an interrupt ends it without a word, also while it is loading."""

import os
import signal
import sys

if __name__ == "__main__":
    # Also where a shell has started it in the background, with this signal ignored. At
    # once, as an exception may meet a callback of the import system, which drops it.
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))

    from gateway_emulator.command_line import main

    sys.exit(main())
