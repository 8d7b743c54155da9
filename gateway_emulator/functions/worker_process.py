"""Runs inside a worker: serve a handler until the worker is ended.

Started as `worker_process.py awslambdaric|runtime_loop HANDLER` in the function's folder, with
nothing but the standard library and, for awslambdaric, AWS's runtime client.
"""

import os
import sys
from collections.abc import Callable


def runtime_client(name: str, handler: str) -> Callable[[], object]:
    if name == "awslambdaric":
        from awslambdaric.__main__ import main

        return lambda: main(["awslambdaric", handler])
    from runtime_loop import serve  # type: ignore[import-not-found]  # beside this file

    return lambda: serve(handler)


if __name__ == "__main__":
    run = runtime_client(*sys.argv[1:])
    # The handler's imports see its own folder where this file's was.
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    run()
