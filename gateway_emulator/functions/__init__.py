"""Lambda functions: invoked in worker processes, or in this process for a debugger."""

from gateway_emulator.functions.environment import lambda_environment
from gateway_emulator.functions.functions import Functions
from gateway_emulator.functions.in_process import FunctionInProcess
from gateway_emulator.functions.interpreter import (
    Interpreter,
    RuntimeClient,
    interpreter_at,
    own_interpreter,
)
from gateway_emulator.functions.invocation import (
    REQUEST_TOO_LARGE,
    Answer,
    Failure,
    Invocable,
    Invocation,
    Start,
    answer_of,
)
from gateway_emulator.functions.pool import FunctionPool
from gateway_emulator.functions.runtime_api import RuntimeApi
from gateway_emulator.functions.worker import Worker, WorkerState
from gateway_emulator.functions.workers import Workers

__all__ = [
    "REQUEST_TOO_LARGE",
    "Answer",
    "Failure",
    "FunctionInProcess",
    "FunctionPool",
    "Functions",
    "Interpreter",
    "Invocable",
    "Invocation",
    "RuntimeApi",
    "RuntimeClient",
    "Start",
    "Worker",
    "WorkerState",
    "Workers",
    "answer_of",
    "interpreter_at",
    "lambda_environment",
    "own_interpreter",
]
