"""The Lambda Runtime API, one path prefix for each worker.

Source: "Using the Lambda runtime API for custom runtimes", Lambda Developer Guide.
"""

import json
import re
from collections.abc import Callable
from http import HTTPStatus

from gateway_emulator.asgi import Receive, Scope, Send, read_body, respond
from gateway_emulator.functions.invocation import Failure, Invocation
from gateway_emulator.functions.worker import Worker

# An answer of a synchronous invocation, with room for its JSON escapes.
ANSWER_BYTES = 6 * 1024 * 1024 * 2

PATH = re.compile(
    r"/(?P<worker>[^/]+)/2018-06-01/runtime/"
    r"(?P<call>invocation/next|init/error|invocation/(?P<id>[^/]+)/(?:response|error))"
)


class RuntimeApi:
    """An ASGI app that workers ask for events and tell the outcome."""

    def __init__(self) -> None:
        self.workers: dict[str, tuple[Worker, Callable[[Worker], None]]] = {}

    def admit(self, worker: Worker, when_ready: Callable[[Worker], None]) -> None:
        """Serve a worker; `when_ready` is called each time it asks for an event."""
        self.workers[worker.name] = (worker, when_ready)

    def dismiss(self, worker: Worker) -> None:
        self.workers.pop(worker.name, None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match = PATH.fullmatch(scope["path"])
        if match is None or match["worker"] not in self.workers:
            await respond(send, HTTPStatus.NOT_FOUND, [])
            return
        worker, when_ready = self.workers[match["worker"]]
        call: str = match["call"]
        if call == "invocation/next":
            when_ready(worker)
            await self.answer_next(worker, send)
            return
        body = await read_body(receive, limit=ANSWER_BYTES)
        if call == "init/error":
            worker.init_failure = as_failure(body)
            known = True
        elif call.endswith("/error"):
            known = worker.settle(match["id"], as_failure(body))
        else:
            known = worker.settle(match["id"], body)
        await respond(
            send, HTTPStatus.ACCEPTED if known else HTTPStatus.BAD_REQUEST, []
        )

    async def answer_next(self, worker: Worker, send: Send) -> None:
        invocation = await worker.inbox.get()
        if invocation is None:  # the worker has ended and nobody listens
            await respond(send, HTTPStatus.GONE, [])
            return
        headers = invocation_headers(worker, invocation)
        await respond(send, HTTPStatus.OK, headers, invocation.event)


def invocation_headers(worker: Worker, invocation: Invocation) -> list[tuple[str, str]]:
    return [
        ("content-type", "application/json"),
        ("content-length", str(len(invocation.event))),
        ("lambda-runtime-aws-request-id", invocation.request_id),
        ("lambda-runtime-deadline-ms", str(int(invocation.deadline * 1000))),
        ("lambda-runtime-invoked-function-arn", worker.function.arn),
        ("lambda-runtime-trace-id", invocation.trace_id),
    ]


def as_failure(body: bytes) -> Failure:
    try:
        members = json.loads(body)
        return Failure(str(members["errorType"]), str(members["errorMessage"]))
    except (KeyError, TypeError, ValueError):
        return Failure("Unknown", "the runtime client gave no reason")
