"""What a deployment depends on besides its template."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class DeploymentOptions:
    """The command line's answer to "deploy what, and under which addresses?".

    `env_vars` are variables as SAM takes them: by a function's logical id, or under
    `Parameters` for all. They hold over the template's, and `environment` over both.
    `built` is the folder of a build, None for the sources themselves.
    """

    template: Path
    parameters: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    env_vars: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    built: Path | None = None
    site_address: str = "localhost:8000"
    socket_address: str = "127.0.0.1:8001"
    websocket_api_id: str | None = None  # None: one that the emulator makes up
    region: str = "us-east-1"

    @property
    def project(self) -> Path:
        """The folder that the template stands in: its state and name stay when it is built."""
        return self.template.resolve().parent

    @property
    def deployed_template(self) -> Path:
        if self.built is not None:
            return self.project / self.built / "template.yaml"
        return self.template.resolve()

    @property
    def stack_name(self) -> str:
        return self.project.name or "stack"

    @property
    def state_file(self) -> Path:
        return self.project / ".gateway-emulator" / "state.json"
