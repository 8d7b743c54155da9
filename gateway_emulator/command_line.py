"""The command line: `python -m gateway_emulator --template template.yaml`."""

import argparse
import asyncio
import resource
import signal
import sys
from pathlib import Path

from gateway_emulator.errors import EmulatorError
from gateway_emulator.functions import lambda_environment
from gateway_emulator.options import EmulatorOptions
from gateway_emulator.template import Deployment, DeploymentOptions, read_deployment

MANY_SOCKETS = 10_240  # macOS refuses more


def main() -> int:
    arguments = command_line().parse_args()
    try:
        options = emulator_options(arguments)
        if arguments.print_environment:
            print_environment(options.deployment, arguments.print_environment)
        else:
            asyncio.run(serve(options))
    except EmulatorError as error:
        print(f"gateway_emulator: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gateway_emulator",
        description="Run a SAM template's HTTP API and WebSocket API on this machine.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add(
        "--template",
        type=Path,
        required=True,
        metavar="FILE",
        help="the SAM template to run, for example template.yaml",
    )
    add(
        "--parameter",
        action="append",
        type=assignment,
        default=[],
        metavar="Key=Value",
        help="a parameter of the template (repeatable)",
    )
    add(
        "--env",
        action="append",
        type=assignment,
        default=[],
        metavar="NAME=VALUE",
        help="a variable for every function, over the template's (repeatable)",
    )
    add(
        "--bind",
        type=address,
        default="127.0.0.1",
        metavar="ADDRESS",
        help="the address both servers listen on (%(default)s)",
    )
    add(
        "--site-name",
        default="localhost",
        metavar="HOST",
        help="the site's host name in addresses (%(default)s)",
    )
    add(
        "--socket-name",
        default="127.0.0.1",
        metavar="HOST",
        help="the socket's host name in addresses (%(default)s)",
    )
    add("--http-port", type=port, default=8000, metavar="PORT", help="(%(default)s)")
    add(
        "--websocket-port",
        type=port,
        default=8001,
        metavar="PORT",
        help="(%(default)s)",
    )
    add(
        "--built",
        action="store_true",
        help="run the functions that `sam build` has left in .aws-sam/build",
    )
    add(
        "--in-process",
        action="store_true",
        help="run functions in this process, for a debugger",
    )
    add(
        "--drop-disconnect",
        action="store_true",
        help="deliver no $disconnect, as AWS sometimes does",
    )
    add(
        "--print-environment",
        metavar="FUNCTION",
        help="print a function's environment and exit",
    )
    return parser


def address(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("an empty text is no address")
    return text


def port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port (1 to 65535)")
    return int(text)


def assignment(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    return name, value


def emulator_options(arguments: argparse.Namespace) -> EmulatorOptions:
    return EmulatorOptions(
        deployment=DeploymentOptions(
            template=arguments.template,
            built=arguments.built,
            parameters=dict(arguments.parameter),
            environment=dict(arguments.env),
            site_address=f"{arguments.site_name}:{arguments.http_port}",
            socket_address=f"{arguments.socket_name}:{arguments.websocket_port}",
        ),
        bind=arguments.bind,
        http_port=arguments.http_port,
        websocket_port=arguments.websocket_port,
        in_process=arguments.in_process,
        drop_disconnect=arguments.drop_disconnect,
    )


def print_environment(options: DeploymentOptions, logical_id: str) -> None:
    """Print what the template and Lambda set for a function, a line each."""
    functions = read_deployment(options).functions
    if logical_id not in functions:
        known = ", ".join(functions) or "none"
        raise EmulatorError(
            f"The template has no function {logical_id!r} (it has: {known})."
        )
    function = functions[logical_id]
    environment = {
        **lambda_environment(function, options.region),
        **function.environment,
    }
    for name, value in environment.items():
        if "\n" in value:
            raise EmulatorError(f"{name} has more than one line and cannot be printed.")
        print(f"{name}={value}")  # noqa: T201


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
