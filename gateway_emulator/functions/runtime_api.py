"""The Lambda Runtime API, one path prefix for each worker.

Source: "Using the Lambda runtime API for custom runtimes", Lambda Developer Guide.
"""

import json
import re
from collections.abc import Callable
from http import HTTPStatus

from gateway_emulator.asgi import (
    BodyTooLarge,
    ClientGone,
    Receive,
    Scope,
    Send,
    read_body,
    respond,
)
from gateway_emulator.functions.invocation import (
    RESPONSE_TOO_LARGE,
    Failure,
    Invocation,
    as_reported,
)
from gateway_emulator.functions.worker import Worker
from gateway_emulator.limits import ANSWER_BYTES

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
        try:
            body = await read_body(receive, limit=ANSWER_BYTES)
        except BodyTooLarge:
            worker.settle(match["id"], RESPONSE_TOO_LARGE)
            await respond(send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, [])
            return
        except ClientGone:
            return  # the worker's end says the rest
        known = take_outcome(worker, call, match["id"], body)
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


def take_outcome(worker: Worker, call: str, request_id: str, body: bytes) -> bool:
    """Pass an outcome on; say whether the worker has such an invocation."""
    if call == "init/error":
        failure = as_failure(body)
        message = f"{failure.error_type}: {failure.message}"
        worker.failure = Failure("Runtime.InitError", message, failure.reported)
        return True
    outcome = as_failure(body) if call.endswith("/error") else body
    return worker.settle(request_id, outcome)


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
        return as_reported(json.loads(body))
    except (KeyError, TypeError, ValueError):
        return Failure("Unknown", "the runtime client gave no reason")
