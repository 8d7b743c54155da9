"""A process that sends to a channel, or hangs up on it, and prints what came of it."""

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
MESSAGE = {"type": "hello", "text": "ten bytes " * 20}
PATIENCE = 100  # seconds


def sending_process(
    environment: Mapping[str, str], action: str, channel: str, **options: Any
) -> dict[str, Any]:
    """Return what `send` or `hang_up` says, in a fresh process."""
    ended = subprocess.run(
        [sys.executable, "-m", __name__, action, json.dumps([channel, options])],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": f"{ROOT}:{ROOT / 'django_app'}"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    said: dict[str, Any] = json.loads(ended.stdout)
    return said


class Statements(Counter[str]):
    """How many statements there are of each kind, and with how many values at most."""

    most_values = 0

    def __call__(
        self, execute: Any, sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        self[sql.split()[0]] += 1
        self.most_values = max(self.most_values, len(params or ()))
        return execute(sql, params, many, context)


def send(channel: str, stand_in: list[Any] | None = None) -> dict[str, Any]:
    """`stand_in` is a host, and the port on loopback that stands in for it."""
    from django.db import connection

    from benchmarks.functions.sending import peak_memory, reach_on_loopback
    from django_aws_api_gateway_websockets.models import WebSocketSession

    if stand_in:
        reach_on_loopback(*stand_in)
    sessions = WebSocketSession.objects.filter(channel_name=channel)
    statements, begin = Statements(), time.monotonic()
    with connection.execute_wrapper(statements):
        result: Any = sessions.send_message(MESSAGE)
    seconds = time.monotonic() - begin
    return {
        "counts": {each.value: count for each, count in result.counts.items() if count},
        "responses": len(result),
        "failures": len(result.failures),
        "seconds": seconds,
        "rate": len(result) / seconds,
        "memory": peak_memory() if sys.platform == "linux" else None,
        "statements": statements,
        "most_values": statements.most_values,
    }


def hang_up(channel: str) -> dict[str, Any]:
    from django_aws_api_gateway_websockets.models import WebSocketSession

    begin = time.monotonic()
    closed = WebSocketSession.objects.filter(channel_name=channel).disconnect()
    return {"closed": closed, "seconds": time.monotonic() - begin}


def main() -> None:
    import django

    django.setup()
    channel, options = json.loads(sys.argv[2])
    action = {"send": send, "hang_up": hang_up}[sys.argv[1]]
    print(json.dumps(action(channel, **options)))  # noqa: T201


if __name__ == "__main__":
    main()
