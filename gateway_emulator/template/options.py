"""What a deployment depends on besides its template."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class DeploymentOptions:
    """The command line's answer to "deploy what, and under which addresses?"."""

    template: Path
    parameters: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    site_address: str = "localhost:8000"
    socket_address: str = "127.0.0.1:8001"
    region: str = "us-east-1"

    @property
    def stack_name(self) -> str:
        return self.template.resolve().parent.name or "stack"

    @property
    def state_file(self) -> Path:
        return self.template.resolve().parent / ".gateway-emulator" / "state.json"
