"""Start everything that a deployment needs, keep it up to date, and end it."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from gateway_emulator.errors import EmulatorError
from gateway_emulator.event_log import EventLog
from gateway_emulator.functions import (
    FunctionInProcess,
    FunctionPool,
    Functions,
    Invocable,
    lambda_environment,
)
from gateway_emulator.http_api.server import HttpApiServer
from gateway_emulator.lambda_services import LambdaServices
from gateway_emulator.options import EmulatorOptions
from gateway_emulator.servers import Server, bound_socket
from gateway_emulator.template import Deployment, read_deployment
from gateway_emulator.template.deployment import Function, HttpApi, WebSocketApi
from gateway_emulator.watching import changed_paths
from gateway_emulator.websocket_api.integrations import Integrations
from gateway_emulator.websocket_api.server import WebSocketApiServer

# Of HTTP_PROXY integrations, all connections together; each takes two descriptors.
REQUESTS_IN_FLIGHT = 100


class Emulator:
    """Serves one template's deployment; the servers read `deployment` anew for every event."""

    def __init__(self, options: EmulatorOptions) -> None:
        self.options = options
        self.deployment: Deployment = read_deployment(options.deployment)
        self.log = EventLog()
        self.functions = Functions(self.make_invocable)
        self.listeners = self.bind()
        self.lambda_services = LambdaServices(options, lambda: self.deployment.secrets)
        self.workers = self.lambda_services.workers

    def bind(self) -> dict[str, socket.socket]:
        """Bind the port of each API, before anything is started."""
        options = self.options
        apis = apis_of(self.deployment)
        if not any(apis):
            raise EmulatorError(
                f"{options.deployment.template}: the template has no HTTP API and no"
                " WebSocket API; --invoke runs a function without one."
            )
        if all(apis) and options.http_port == options.websocket_port:
            raise EmulatorError(
                f"Port {options.http_port} cannot serve both APIs: choose another with"
                " --http-port or --websocket-port."
            )
        listeners = {}
        if self.deployment.http_api is not None:
            listeners["http"] = bound_socket(
                options.bind, options.http_port, "--http-port (make: PORT=)"
            )
        if self.deployment.websocket_api is not None:
            listeners["websocket"] = bound_socket(
                options.bind,
                options.websocket_port,
                "--websocket-port (make: WEBSOCKET_PORT=)",
            )
        return listeners

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve while the block runs; all workers are ended when it does."""
        self.functions.deploy(self.deployment.functions)
        async with aiohttp.ClientSession(
            auto_decompress=False,
            connector=aiohttp.TCPConnector(limit=REQUESTS_IN_FLIGHT),
            cookie_jar=aiohttp.DummyCookieJar(),
        ) as client:
            servers = self.servers(client)
            watching = asyncio.create_task(self.watch())
            try:
                await self.lambda_services.start()
                for server in servers:
                    await server.start()
                yield
            finally:
                watching.cancel()
                self.functions.end()
                await asyncio.gather(
                    self.lambda_services.end(), *(server.end() for server in servers)
                )

    def servers(self, client: aiohttp.ClientSession) -> list[Server]:
        apps = {
            "http": HttpApiServer(self.current_http_api, self.functions, self.log),
            "websocket": WebSocketApiServer(
                self.current_websocket_api,
                Integrations(self.functions, client),
                self.log,
                lifetime=self.options.lifetime,
                drop_disconnect=self.options.drop_disconnect,
            ),
        }
        return [
            Server(apps[name], listener, sockets=name == "websocket")
            for name, listener in self.listeners.items()
        ]

    def make_invocable(self, function: Function) -> Invocable:
        if self.options.in_process:
            environment = {
                **lambda_environment(function, self.options.deployment.region),
                "AWS_ENDPOINT_URL_SECRETS_MANAGER": f"http://{self.lambda_services.address}",
                **function.environment,
            }
            return FunctionInProcess(function, environment)
        return FunctionPool(function, self.workers.start)

    def current_http_api(self) -> HttpApi:
        if self.deployment.http_api is None:
            raise EmulatorError("the template has no HTTP API")
        return self.deployment.http_api

    def current_websocket_api(self) -> WebSocketApi:
        if self.deployment.websocket_api is None:
            raise EmulatorError("the template has no WebSocket API")
        return self.deployment.websocket_api

    async def watch(self) -> None:
        """Take over changes; the folders to watch may be among what has changed."""
        if self.options.deployment.built is not None:
            return  # a build removes its folder and makes another: nothing stays to watch
        try:
            while True:
                folders = self.watched_folders()
                async for paths in changed_paths(folders):
                    self.take_over_changes(paths)
                    if self.watched_folders() != folders:
                        break
        except OSError as error:  # the system's limit of watched folders, above all
            self.say(
                f"changes are no longer noticed ({error}): start the emulator anew"
            )

    def watched_folders(self) -> set[Path]:
        folders = {function.code for function in self.deployment.functions.values()}
        return folders | {self.options.deployment.deployed_template.parent}

    def take_over_changes(self, paths: set[Path]) -> None:
        """Deploy a changed template; let changed code be loaded by new workers."""
        template = self.options.deployment.deployed_template
        if template in paths:
            self.deploy_again()
        if not self.deployment.functions:
            return  # whatever its integrations ask reloads its code itself
        code = sorted(path.name for path in paths - {template})
        if code and self.options.in_process:
            self.say(f"{code[0]} has changed: start the emulator anew to load it")
        elif code:
            self.say(f"{code[0]} has changed: functions start anew")
            self.functions.retire()

    def deploy_again(self) -> None:
        """Deploy the template as it is now; open sockets stay, as on AWS."""
        try:
            deployment = read_deployment(self.options.deployment)
        except EmulatorError as error:
            self.say(f"the template cannot be deployed, the last one stays: {error}")
            return
        if apis_of(deployment) != apis_of(self.deployment):
            self.say("the template has gained or lost an API: start the emulator anew")
            return
        self.deployment = deployment
        self.functions.deploy(deployment.functions)
        self.say("the template has changed and is deployed")

    def say(self, sentence: str) -> None:
        self.log.say(f"{time.strftime('%H:%M:%S')}  {sentence}")


def apis_of(deployment: Deployment) -> tuple[bool, bool]:
    return deployment.http_api is not None, deployment.websocket_api is not None
