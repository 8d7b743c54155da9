"""The options of the command line."""

import argparse
import re
from pathlib import Path

from gateway_emulator.env_vars import read_env_vars
from gateway_emulator.options import EmulatorOptions
from gateway_emulator.template import DeploymentOptions

BUILD_DIR = Path(".aws-sam/build")  # SAM's own default
CONTRADICTIONS = (
    ("--in-process", "--python"),
    ("--in-process", "--invoke"),
    ("--print-environment", "--invoke"),
)


def parsed_arguments() -> argparse.Namespace:
    """Return the arguments; those that exclude each other show the usage, as others do."""
    parser = command_line()
    arguments = parser.parse_args()
    given = {
        f"--{name.replace('_', '-')}"
        for name, value in vars(arguments).items()
        if value not in (None, False)
    }
    for one, other in CONTRADICTIONS:
        if one in given and other in given:
            parser.error(f"{one} and {other} exclude each other")
    if "--event" in given and "--invoke" not in given:
        parser.error("--event needs --invoke, the function that it goes to")
    return arguments


def command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gateway_emulator",
        description="Run a SAM template's HTTP API and WebSocket API on this machine.",
        allow_abbrev=False,
    )
    add_template_options(parser)
    add_server_options(parser)
    add_function_options(parser)
    add_single_run_options(parser)
    return parser


def add_template_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("what is run").add_argument
    add(
        "--template",
        type=Path,
        required=True,
        metavar="FILE",
        help="the SAM template to run, for example template.yaml",
    )
    add(
        "--websocket-api-id",
        type=api_id,
        metavar="ID",
        help="the id that a site knows the WebSocket API by (one that is made up)",
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
        "--built",
        nargs="?",
        const=BUILD_DIR,
        type=Path,
        metavar="FOLDER",
        help="run the functions that `sam build` has left in a folder (%(const)s)",
    )


def add_server_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("how its APIs are served").add_argument
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
        "--drop-disconnect",
        action="store_true",
        help="deliver no $disconnect, as AWS sometimes does",
    )


def add_function_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("how its functions run").add_argument
    add(
        "--env",
        action="append",
        type=assignment,
        default=[],
        metavar="NAME=VALUE",
        help="a variable for every function, over the template's (repeatable)",
    )
    add(
        "--env-vars",
        type=Path,
        metavar="FILE",
        help="variables by function, in the JSON format of SAM's --env-vars",
    )
    add(
        "--python",
        metavar="FILE",
        help="the interpreter that functions run in (this one)",
    )
    add(
        "--in-process",
        action="store_true",
        help="run functions in this process, for a debugger",
    )


def add_single_run_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("one answer in place of servers").add_argument
    add(
        "--print-environment",
        metavar="FUNCTION",
        help="print a function's environment and exit",
    )
    add(
        "--invoke",
        metavar="FUNCTION",
        help="invoke a function once, print its answer and exit",
    )
    add(
        "--event",
        type=Path,
        metavar="FILE",
        help="the event of --invoke, a JSON file or - for standard input ({})",
    )


def address(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("an empty text is no address")
    return text


def port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port (1 to 65535)")
    return int(text)


def api_id(text: str) -> str:
    if not re.fullmatch("[a-z0-9]+", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no API id (a to z, 0 to 9)")
    return text


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
            env_vars=read_env_vars(arguments.env_vars) if arguments.env_vars else {},
            site_address=f"{arguments.site_name}:{arguments.http_port}",
            socket_address=f"{arguments.socket_name}:{arguments.websocket_port}",
            websocket_api_id=arguments.websocket_api_id,
        ),
        bind=arguments.bind,
        http_port=arguments.http_port,
        websocket_port=arguments.websocket_port,
        in_process=arguments.in_process,
        python=arguments.python,
        drop_disconnect=arguments.drop_disconnect,
    )
