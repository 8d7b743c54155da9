"""Serve ASGI apps on sockets that are bound first, so that a taken port is an error at once."""

import asyncio
import errno
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from gateway_emulator.errors import EmulatorError
from gateway_emulator.limits import FRAME_BYTES, MESSAGE_BYTES
from gateway_emulator.socket_protocol import GatewayProtocol


def bound_socket(address: str, port: int, option: str) -> socket.socket:
    """Bind a listening address; an EmulatorError names the option that chooses another port."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # With the protocol named, asyncio switches Nagle's algorithm off for the sockets
    # accepted here; with it on, each warm invocation takes 80 ms longer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise EmulatorError(reason(error, address, port, option)) from error
    return listener


def reason(error: OSError, address: str, port: int, option: str) -> str:
    if error.errno in (errno.EADDRINUSE, errno.EACCES):
        return (
            f"Port {port} on {address} cannot be used ({error.strerror}): end what"
            f" listens there, or choose another with {option}."
        )
    return f"{address} cannot be listened on ({error.strerror}): choose another with --bind."


class Server(uvicorn.Server):
    """One ASGI app on one bound socket, started and ended by the emulator."""

    def __init__(
        self, app: Any, listener: socket.socket, *, sockets: bool = False
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                interface="asgi3",
                http="httptools",
                ws=GatewayProtocol if sockets else "none",
                ws_max_size=(MESSAGE_BYTES, FRAME_BYTES),  # type: ignore[arg-type]  # passed on to websockets, which takes message and frame
                ws_per_message_deflate=False,  # API Gateway negotiates no extension
                ws_ping_interval=None,  # nor does it ping
                lifespan="off",
                log_config=None,
                access_log=False,  # it would print query strings
                proxy_headers=False,  # X-Forwarded-For is data here, not the client's address
                server_header=False,
                timeout_keep_alive=60,
                timeout_graceful_shutdown=1,
            )
        )
        self.listener = listener
        self.is_up = asyncio.Event()
        self.serving: asyncio.Task[None] | None = None

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # signals are the emulator's

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_up.set()

    async def start(self) -> None:
        """Return once the app is served; raise what keeps it from being so."""
        self.serving = asyncio.create_task(self.serve(sockets=[self.listener]))
        is_up = asyncio.create_task(self.is_up.wait())
        await asyncio.wait({self.serving, is_up}, return_when=asyncio.FIRST_COMPLETED)
        is_up.cancel()
        if self.serving.done():
            await self.serving

    async def end(self) -> None:
        self.should_exit = True
        if self.serving is not None:
            with quiet(
                logging.getLogger("uvicorn.error")
            ):  # what is cut short is no news
                await self.serving


@contextmanager
def quiet(logger: logging.Logger) -> Iterator[None]:
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before
