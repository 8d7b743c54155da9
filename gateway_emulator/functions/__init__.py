"""Lambda functions: invoked in worker processes, or in this process for a debugger."""

from gateway_emulator.functions.functions import Functions
from gateway_emulator.functions.invocation import Answer, Failure, Start

__all__ = ["Answer", "Failure", "Functions", "Start"]
