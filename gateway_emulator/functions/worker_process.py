"""Runs inside a worker: serve a handler until the worker is ended.

Started as `worker_process.py awslambdaric|runtime_loop HANDLER` in the function's folder, with
nothing but the standard library and, for awslambdaric, AWS's runtime client.
"""

import os
import sys
from importlib import import_module


def serve_with_awslambdaric(handler: str) -> None:
    from awslambdaric import bootstrap
    from awslambdaric.lambda_config import LambdaConfigProvider
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient

    class PrefixedClient(LambdaRuntimeClient):  # type: ignore[misc]  # it has no types
        """AWS's client, which reports init errors without the path that the worker has."""

        lambda_runtime_address: str

        def call_rapid(self, method: str, endpoint: str, *rest: object) -> None:
            host, _, prefix = self.lambda_runtime_address.partition("/")
            self.lambda_runtime_address = host
            super().call_rapid(method, f"/{prefix}{endpoint}", *rest)

    config = LambdaConfigProvider(["awslambdaric", handler])
    client = PrefixedClient(config.api_address, config.use_thread_polling)
    bootstrap.run(handler, client)


if __name__ == "__main__":
    runtime_client, handler_name = sys.argv[1:]
    if runtime_client == "awslambdaric":
        serve = serve_with_awslambdaric
    else:
        serve = import_module("runtime_loop").serve  # beside this file
    # The handler's imports see its own folder where this file's was.
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    serve(handler_name)
