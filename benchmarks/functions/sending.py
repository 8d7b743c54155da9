"""Sends messages in a fresh process with either app, and prints what that has cost.

CPU is that of the whole process, in all its threads. Times are seconds.
"""

import json
import os
import socket
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import django

MESSAGE = {"type": "chat", "from": "somebody", "text": "ten bytes " * 15}
SINGLE = "1"  # the channel of one session


def prepare(sizes: Sequence[int]) -> dict[str, Any]:
    """Make the database, with a channel of each size, which is its name."""
    django.setup()
    from django.core.management import call_command

    from django_aws_api_gateway_websockets.models import ApiGateway, WebSocketSession

    call_command("migrate", verbosity=0)
    host = os.environ["MEASURED_HOST"]
    gateway = ApiGateway(
        api_name="measured",
        api_id=host.partition(".")[0],
        api_endpoint=f"https://{host}",
        stage_name="production",
    )
    # Not saved one by one: the peer's rows call AWS when they are.
    ApiGateway.objects.bulk_create([gateway])
    for size in sizes:
        sessions = [
            WebSocketSession(
                connection_id=connection_id(f"{number} of {size}"),
                channel_name=str(size),
                api_gateway=gateway,
                request_count=1,
            )
            for number in range(size)
        ]
        WebSocketSession.objects.bulk_create(sessions, batch_size=1000)
    return {}


def connection_id(name: str) -> str:
    """It is as long as those that API Gateway gives, and ends like them."""
    return urlsafe_b64encode(sha256(name.encode()).digest()[:11]).decode()


def broadcast(sizes: Sequence[int], options: Mapping[str, int]) -> dict[str, Any]:
    """Send to channels of these sizes, one after the other; the last one is measured."""
    django.setup()
    from django_aws_api_gateway_websockets.models import WebSocketSession

    for size in sizes:
        sessions = WebSocketSession.objects.filter(channel_name=str(size))
        cpu, clock = time.process_time(), time.perf_counter()
        responses: Any = sessions.send_message(MESSAGE, **options)
        cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
    return {
        "CPU": [cpu],
        "clock": [clock],
        "memory": [peak_memory()],
        "responses": len(responses),
    }


def peak_memory() -> float:
    """Megabytes, of this process alone; `getrusage` would count its parent's too."""
    status = Path("/proc/self/status").read_text()
    _, _, peak = status.partition("VmHWM:")
    return int(peak.split()[0]) * 1024 / 1e6


def one_by_one(warm: int, times: int) -> dict[str, Any]:
    """Send single messages to a session that was fetched once, with its gateway."""
    django.setup()
    from django_aws_api_gateway_websockets.models import WebSocketSession

    sessions = WebSocketSession.objects.select_related("api_gateway")
    session = sessions.get(channel_name=SINGLE)
    costs = []
    for _ in range(warm + times):
        cpu = time.process_time()
        session.send_message(MESSAGE)
        costs.append(time.process_time() - cpu)
    return {"CPU": costs[warm:]}


def first_message() -> dict[str, Any]:
    """Set Django up, look a session up and send to it."""
    cpu = time.process_time()
    django.setup()
    from django_aws_api_gateway_websockets.models import WebSocketSession

    WebSocketSession.objects.get(channel_name=SINGLE).send_message(MESSAGE)
    return {"CPU": [time.process_time() - cpu]}


def no_message() -> dict[str, Any]:
    """Set Django up and look something up."""
    cpu = time.process_time()
    django.setup()
    from django.contrib.auth.models import Permission

    Permission.objects.get(pk=1)
    return {"CPU": [time.process_time() - cpu]}


def reach_on_loopback(host: str, port: int) -> None:
    """Let a port on loopback stand in for the host, whoever looks its address up."""
    look_up = socket.getaddrinfo

    def getaddrinfo(asked: Any, *arguments: Any, **options: Any) -> Any:
        if asked not in {host, host.encode()}:
            return look_up(asked, *arguments, **options)
        kind = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        return [(*kind, "", ("127.0.0.1", port))]

    socket.getaddrinfo = getaddrinfo  # type: ignore[assignment]


if __name__ == "__main__":
    name, arguments = sys.argv[1:]
    if port := os.environ.get("MEASURED_PORT"):
        reach_on_loopback(os.environ["MEASURED_HOST"], int(port))
    print(json.dumps(globals()[name](**json.loads(arguments))))
