"""The whole stack as `make run` starts it, on ports and a database of its own."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from tests.ports import free_port

ROOT = Path(__file__).parents[2]
TABLE = "django_aws_api_gateway_websockets_websocketsession"


@dataclass(frozen=True)
class Stack:
    """A running stack: its addresses, its log and its database file."""

    integration: str
    site: str
    socket: str
    log: Path
    database: Path

    def environment(self) -> dict[str, str]:
        """Return the environment of the function that answers HTTP requests."""
        return printed_environment(self.integration, urlsplit(self.socket).port)

    def lobby(self, channel: str = "lobby") -> str:
        return f"{self.socket}?channel={channel}"

    def logged(self) -> str:
        return self.log.read_text()

    def row(self, channel: str) -> dict[str, object]:
        """Return the oldest session of a channel."""
        with closing(sqlite3.connect(self.database)) as connection:
            connection.row_factory = sqlite3.Row
            query = f"SELECT * FROM {TABLE} WHERE channel_name = ? ORDER BY id"
            return dict(connection.execute(query, [channel]).fetchone())

    def rows(self) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.database)) as connection:
            return list(connection.execute(f"SELECT * FROM {TABLE} ORDER BY id"))

    def age(self, channel: str, seconds: int) -> None:
        """Make a channel's sessions older."""
        with closing(sqlite3.connect(self.database)) as connection:
            change = f"SET created_on = datetime(created_on, '-{seconds} seconds')"
            connection.execute(
                f"UPDATE {TABLE} {change} WHERE channel_name = ?", [channel]
            )
            connection.commit()


@cache
def printed_environment(integration: str, port: int | None) -> dict[str, str]:
    command = [
        sys.executable, "-m", "gateway_emulator", "--template", "template.yaml",
        "--parameter", f"WebSocketIntegration={integration}", "--websocket-port", str(port),
        "--env", "DATABASE_URL=", "--print-environment", "SiteFunction",
    ]  # fmt: skip
    printed = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return dict(line.split("=", 1) for line in printed.stdout.splitlines())


@contextmanager
def running_stack(
    folder: Path,
    *,
    integration: str = "http",
    options: str = "",
    built: Path | None = None,
) -> Iterator[Stack]:
    """Run `make run` while the block runs."""
    http_port, websocket_port = free_port(), free_port()
    log, database = folder / "log", folder / "db.sqlite3"
    command = [
        "make", "--no-print-directory", "run", f"INTEGRATION={integration}", f"PORT={http_port}",
        f"WEBSOCKET_PORT={websocket_port}", f"DATABASE_URL=sqlite:///{database}", f"OPTIONS={options}", *built_variables(built),
    ]  # fmt: skip
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        try:
            wait_for_addresses(process, http_port, websocket_port)
            yield Stack(
                integration=integration,
                site=f"http://localhost:{http_port}",
                socket=f"ws://127.0.0.1:{websocket_port}/production",
                log=log,
                database=database,
            )
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def built_variables(build_dir: Path | None) -> list[str]:
    return [f"BUILD_DIR={build_dir}", "BUILT=yes"] if build_dir else []


def wait_for_addresses(
    process: "subprocess.Popen[str]", http_port: int, websocket_port: int
) -> None:
    assert process.stdout is not None
    assert [process.stdout.readline(), process.stdout.readline()] == [
        f"Site: http://localhost:{http_port}\n",
        f"WebSocket: ws://127.0.0.1:{websocket_port}/production\n",
    ]
