"""Lambda functions: invoked in worker processes, or in this process for a debugger."""

from gateway_emulator.functions.functions import Functions
from gateway_emulator.functions.in_process import FunctionInProcess
from gateway_emulator.functions.invocation import Answer, Failure, Invocable, Start
from gateway_emulator.functions.pool import FunctionPool
from gateway_emulator.functions.runtime_api import RuntimeApi
from gateway_emulator.functions.worker import RuntimeClient, lambda_environment
from gateway_emulator.functions.workers import Workers

__all__ = [
    "Answer",
    "Failure",
    "FunctionInProcess",
    "FunctionPool",
    "Functions",
    "Invocable",
    "RuntimeApi",
    "RuntimeClient",
    "Start",
    "Workers",
    "lambda_environment",
]
