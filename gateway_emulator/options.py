"""What the command line asks for."""

from dataclasses import dataclass, field

from gateway_emulator.functions import RuntimeClient
from gateway_emulator.limits import SocketLifetime
from gateway_emulator.template import DeploymentOptions


@dataclass(frozen=True)
class EmulatorOptions:
    """How a deployment is served."""

    deployment: DeploymentOptions
    bind: str = "127.0.0.1"
    http_port: int = 8000
    websocket_port: int = 8001
    in_process: bool = False
    python: str | None = None  # the interpreter of workers; None: the emulator's own
    drop_disconnect: bool = False
    lifetime: SocketLifetime = field(default_factory=SocketLifetime)
    runtime_client: RuntimeClient | None = None  # None: the best there is
