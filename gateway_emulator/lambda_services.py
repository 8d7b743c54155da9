"""What functions need to run: workers, and what those reach at one loopback address."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

from gateway_emulator.asgi import Receive, Scope, Send
from gateway_emulator.functions import (
    Interpreter,
    RuntimeApi,
    Workers,
    interpreter_at,
    own_interpreter,
)
from gateway_emulator.options import EmulatorOptions
from gateway_emulator.secrets_manager import SecretsManager
from gateway_emulator.servers import Server, bound_socket


class LambdaServices:
    """Starts the workers' services and ends them; Secrets Manager reads its secrets anew each time."""

    def __init__(
        self, options: EmulatorOptions, current_secrets: Callable[[], Mapping[str, str]]
    ) -> None:
        self.interpreter = chosen_interpreter(options)
        self.runtime_api = RuntimeApi()
        self.secrets_manager = SecretsManager(current_secrets)
        listener = bound_socket("127.0.0.1", 0, "")
        host, port = listener.getsockname()
        self.address = f"{host}:{port}"
        self.server = Server(self.serve, listener)
        self.workers = Workers(
            self.runtime_api,
            address=self.address,
            region=options.deployment.region,
            interpreter=self.interpreter,
        )

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve what functions reach: the Runtime API, and Secrets Manager at the root."""
        app = self.secrets_manager if scope["path"] == "/" else self.runtime_api
        await app(scope, receive, send)

    async def start(self) -> None:
        await asyncio.gather(self.workers.start_the_reaper(), self.server.start())

    async def end(self) -> None:
        """End every worker, then what they talk to."""
        await self.workers.end()
        await self.server.end()


def chosen_interpreter(options: EmulatorOptions) -> Interpreter:
    if options.python is None:
        interpreter = own_interpreter()
    else:
        interpreter = interpreter_at(options.python)
    if options.runtime_client is None:
        return interpreter
    return replace(interpreter, client=options.runtime_client)
