"""Every function of the current deployment, ready to be invoked."""

from collections.abc import Callable, Mapping
from typing import Any

from gateway_emulator.functions.invocation import (
    REQUEST_TOO_LARGE,
    Answer,
    Failure,
    Invocable,
    Start,
    event_bytes,
)
from gateway_emulator.identifiers import unqualified_arn
from gateway_emulator.limits import EVENT_BYTES
from gateway_emulator.template.deployment import Function


class Functions:
    """Invokes functions by ARN, each in what `make_invocable` made for it."""

    def __init__(self, make_invocable: Callable[[Function], Invocable]) -> None:
        self.make_invocable = make_invocable
        self.deployed: dict[str, tuple[Function, Invocable]] = {}

    def deploy(self, functions: Mapping[str, Function]) -> None:
        """Take over the functions of a deployment; those that have not changed stay warm."""
        wanted = {function.arn: function for function in functions.values()}
        for arn in self.deployed.keys() - wanted.keys():
            self.deployed.pop(arn)[1].end()
        for arn, function in wanted.items():
            before, invocable = self.deployed.get(arn, (None, None))
            if invocable is None:
                invocable = self.make_invocable(function)
            elif before != function:
                invocable.deploy(function)
            self.deployed[arn] = (function, invocable)

    async def invoke(self, arn: str, event: dict[str, Any], trace_id: str) -> Answer:
        """Return what the function answered; one that does not exist is a failure like any other."""
        _, invocable = self.deployed.get(unqualified_arn(arn), (None, None))
        if invocable is None:
            message = f"there is no function {arn}"
            return Answer(
                None, Start.COLD, Failure("ResourceNotFoundException", message)
            )
        written = event_bytes(event)
        if len(written) > EVENT_BYTES:
            return Answer(None, Start.COLD, REQUEST_TOO_LARGE)
        return await invocable.invoke(written, trace_id)

    def retire(self) -> None:
        for _, invocable in self.deployed.values():
            invocable.retire()

    def end(self) -> None:
        for _, invocable in self.deployed.values():
            invocable.end()
