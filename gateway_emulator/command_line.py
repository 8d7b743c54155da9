"""The command line: `python -m gateway_emulator --template template.yaml`."""

import argparse
import asyncio
import json
import resource
import signal
import sys

from gateway_emulator.arguments import emulator_options, parsed_arguments
from gateway_emulator.errors import EmulatorError
from gateway_emulator.functions import lambda_environment
from gateway_emulator.options import EmulatorOptions
from gateway_emulator.template import Deployment, DeploymentOptions, read_deployment

MANY_SOCKETS = 10_240  # macOS refuses more


def main() -> int:
    arguments = parsed_arguments()
    try:
        return run(arguments, emulator_options(arguments))
    except EmulatorError as error:
        print(f"gateway_emulator: {error}", file=sys.stderr)  # noqa: T201
        return 1


def run(arguments: argparse.Namespace, options: EmulatorOptions) -> int:
    if arguments.print_environment is not None:
        print_environment(options.deployment, arguments.print_environment)
        return 0
    if arguments.invoke is not None:
        return invoke(arguments, options)
    asyncio.run(serve(options))
    return 0


def print_environment(options: DeploymentOptions, logical_id: str) -> None:
    """Print what the template and Lambda set for a function, a line each."""
    function = read_deployment(options).function(logical_id)
    environment = {
        **lambda_environment(function, options.region),
        **function.environment,
    }
    for name, value in environment.items():
        if "\n" in value:
            raise EmulatorError(f"{name} has more than one line and cannot be printed.")
        print(f"{name}={value}")  # noqa: T201


def invoke(arguments: argparse.Namespace, options: EmulatorOptions) -> int:
    """Invoke a function once and print what Lambda's Invoke would return, on one line."""
    from gateway_emulator.single_invocation import invoke_once, read_event

    event = read_event(arguments.event)
    returned, is_answer = asyncio.run(invoke_once(options, arguments.invoke, event))
    line = json.dumps(returned, ensure_ascii=False).encode("utf-8", "surrogatepass")
    sys.stdout.buffer.write(line + b"\n")
    return 0 if is_answer else 1


async def serve(options: EmulatorOptions) -> None:
    """Serve until SIGINT or SIGTERM; say the addresses once everything answers."""
    from gateway_emulator.emulator import Emulator  # half a second that printing saves

    allow_many_sockets()
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    emulator = Emulator(options)
    async with emulator.running():
        for line in address_lines(emulator.deployment, options.deployment):
            print(line, flush=True)  # noqa: T201
        sys.stdout = sys.stderr  # what a function prints in this process is no address
        await ended.wait()


def allow_many_sockets() -> None:
    """Raise the soft limit of open files, which is 256 on macOS, to what a user may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MANY_SOCKETS if hard == resource.RLIM_INFINITY else min(hard, MANY_SOCKETS)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def address_lines(deployment: Deployment, options: DeploymentOptions) -> list[str]:
    lines = []
    if deployment.http_api is not None:
        stage = deployment.http_api.stage.name
        path = "" if stage == "$default" else f"/{stage}"
        lines.append(f"Site: http://{options.site_address}{path}")
    if deployment.websocket_api is not None:
        lines += [
            f"WebSocket: ws://{options.socket_address}/{stage.name}"
            for stage in deployment.websocket_api.stages
        ]
    return lines
