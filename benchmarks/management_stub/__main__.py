"""Serve until standard input ends: the port is printed first, and last what there was."""

import argparse
import gc
import json
import socket
import ssl
import sys

from .faults import Faults
from .stub import Stub

BACKLOG = 1024


def main() -> None:
    arguments = command_line().parse_args()
    faults = Faults(
        throttled=arguments.throttled,
        failing=arguments.failing,
        dropped=arguments.dropped,
        gone=arguments.gone,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(arguments.certificate)
    gc.disable()  # there is nothing to collect, and looking for it takes time
    with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as listener:
        print(listener.getsockname()[1], flush=True)
        latency = arguments.latency / 1000
        stub = Stub(listener, context, latency=latency, faults=faults)
        stub.serve(until=sys.stdin)
    print(json.dumps(stub.ledger.report()))


def command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.management_stub")
    add = parser.add_argument
    add("certificate", help="a PEM file with the key and the chain")
    add("--latency", type=float, default=0.0, help="milliseconds")
    for fault in ("throttled", "failing", "dropped"):
        help_text = f"so many of a hundred ids are {fault} at first"
        add(f"--{fault}", type=int, default=0, help=help_text)
    add("--gone", action="append", default=[], metavar="ID", help="as in a path")
    return parser


if __name__ == "__main__":
    main()
