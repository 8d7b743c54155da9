"""A Lambda runtime client in the standard library, for systems without a wheel of AWS's own.

Source: "Using the Lambda runtime API for custom runtimes", Lambda Developer Guide.
"""

import http.client
import importlib
import json
import os
import sys
import time
import traceback
from email.message import Message
from typing import Any

VERSION = "2018-06-01"


def serve(handler_name: str) -> None:
    """Call the handler for one event after another, until the Runtime API goes away."""
    runtime_api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        module, _, name = handler_name.replace("/", ".").rpartition(".")
        handler = getattr(importlib.import_module(module), name)
    except Exception as error:
        traceback.print_exc()
        runtime_api.post("init/error", as_error(error))
        sys.exit(1)
    while True:
        headers, event = runtime_api.next()
        context = Context(headers)
        os.environ["_X_AMZN_TRACE_ID"] = headers["Lambda-Runtime-Trace-Id"]
        try:
            answer = as_json(handler(json.loads(event), context))
        except Exception as error:
            traceback.print_exc()
            runtime_api.post(
                f"invocation/{context.aws_request_id}/error", as_error(error)
            )
        else:
            runtime_api.post(f"invocation/{context.aws_request_id}/response", answer)


class MarshalError(Exception):
    """Raised when an answer cannot be written as JSON."""


def as_json(answer: Any) -> bytes:
    try:
        return json.dumps(answer).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise MarshalError(f"Unable to marshal response: {error}") from None


class RuntimeApi:
    """One kept connection to the Lambda Runtime API."""

    def __init__(self, address: str) -> None:
        host, _, prefix = address.partition("/")
        self.connection = http.client.HTTPConnection(host)
        self.base = f"/{prefix}/{VERSION}/runtime" if prefix else f"/{VERSION}/runtime"

    def next(self) -> tuple[Message, bytes]:
        self.connection.request("GET", f"{self.base}/invocation/next")
        response = self.connection.getresponse()
        return response.headers, response.read()

    def post(self, path: str, body: bytes) -> None:
        self.connection.request("POST", f"{self.base}/{path}", body)
        self.connection.getresponse().read()


class Context:
    """The handler's second argument, with the members of Lambda's context object."""

    def __init__(self, headers: Message) -> None:
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.deadline = int(headers["Lambda-Runtime-Deadline-Ms"])
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]

    def get_remaining_time_in_millis(self) -> int:
        return max(0, self.deadline - int(time.time() * 1000))


def as_error(error: BaseException) -> bytes:
    name = type(error).__name__
    members: dict[str, Any] = {
        "errorMessage": str(error),
        # AWS's client calls what is not the handler's own error by this name.
        "errorType": f"Runtime.{name}" if isinstance(error, MarshalError) else name,
        "stackTrace": [
            frame
            for frame in traceback.format_tb(error.__traceback__)
            if __file__ not in frame
        ],
    }
    return json.dumps(members).encode()
