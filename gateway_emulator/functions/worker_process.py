"""Runs inside a worker: serve a handler until the emulator is gone.

Started as `worker_process.py awslambdaric|runtime_loop HANDLER` in the function's folder, with
nothing but the standard library and, for awslambdaric, AWS's runtime client.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable


def end_with_the_emulator() -> None:
    """Kill this process and its children as soon as standard input, held by the emulator, closes."""
    lifeline = os.dup(0)
    os.set_inheritable(lifeline, False)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)

    def wait() -> None:
        os.read(lifeline, 1)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()


def runtime_client(name: str, handler: str) -> Callable[[], object]:
    if name == "awslambdaric":
        from awslambdaric.__main__ import main

        return lambda: main(["awslambdaric", handler])
    from runtime_loop import serve  # type: ignore[import-not-found]  # beside this file

    return lambda: serve(handler)


if __name__ == "__main__":
    end_with_the_emulator()
    run = runtime_client(*sys.argv[1:])
    # The handler's imports see its own folder where this file's was.
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    run()
