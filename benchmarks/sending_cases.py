"""What is sent and measured, each time by a fresh process and to a fresh stub."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.errors import BenchmarkError
from benchmarks.rounds import Sample
from benchmarks.sending_sides import Side
from benchmarks.sending_stub import Certificates, running_stub

TRANSIENT_FAULTS = {"throttled": 5, "failing": 5, "dropped": 4}  # of a hundred ids
SINGLE_MESSAGES, WARM = 300, 50  # those are sent after these


@dataclass(frozen=True)
class Case:
    """A function of `functions/sending.py`, and what has to have been sent by its end."""

    function: str
    arguments: Mapping[str, Any]
    ids: int
    messages_each: int
    latency: float = 5  # milliseconds
    faults: Mapping[str, int] = field(default_factory=dict)
    most_connections: int = 100
    measured: int = 1  # messages

    def measure(self, side: Side, certificates: Certificates) -> Sample:
        with running_stub(certificates, self.stub_options) as stub:
            said = side.run(self.function, port=stub.port, **self.arguments)
        for wrong in self.what_is_wrong(said, stub.report):
            raise BenchmarkError(f"{self.function}, {side.label}: {wrong}")
        share = 100 * stub.report["cpu"] / stub.report["seconds"]
        return {**sample(said, self.measured), "stub": [share]}

    @property
    def stub_options(self) -> Sequence[str]:
        faults = [f"--{fault}={number}" for fault, number in self.faults.items()]
        return [f"--latency={self.latency}", *faults]

    def what_is_wrong(
        self, said: Mapping[str, Any], report: Mapping[str, Any]
    ) -> Iterator[str]:
        """Each id gets each of its messages once; or again, where an answer was lost."""
        taken = {int(times): ids for times, ids in report["taken"].items()}
        times = sorted(taken) or [0]
        too_few = sum(taken.values()) != self.ids or times[0] < self.messages_each
        too_many = not self.faults.get("dropped") and times[-1] > self.messages_each
        if too_few or too_many:
            got = [f"{ids} got {times}" for times, ids in taken.items()]
            yield (
                f"{self.ids} ids had to get {self.messages_each} messages each, but "
                f"{', '.join(got) or 'nobody got one'}"
            )
        if report["most_connections"] > self.most_connections:
            yield f"{report['most_connections']} connections were open at once"
        if said.get("responses", self.measured) != self.measured:
            yield f"{said['responses']} of {self.measured} responses were returned"


def sample(said: Mapping[str, Any], messages: int) -> Sample:
    """Milliseconds, messages a second, and megabytes."""
    measured = {"CPU": [1000 * seconds / messages for seconds in said["CPU"]]}
    if "clock" in said:
        measured["clock"] = [1000 * seconds for seconds in said["clock"]]
        measured["time"] = [each / messages for each in measured["clock"]]
        measured["rate"] = [messages / seconds for seconds in said["clock"]]
        measured["memory"] = said["memory"]
    return measured


def broadcast(*sizes: int, most_connections: int = 100, **more: Any) -> Case:
    """Send to channels of these sizes; the last one is measured, and warm by the others."""
    options = {} if most_connections == 100 else {"max_workers": most_connections}
    return Case(
        "broadcast",
        {"sizes": sizes, "options": options},
        ids=sum(set(sizes)),
        messages_each=len(sizes) // len(set(sizes)),
        most_connections=most_connections,
        measured=sizes[-1],
        **more,
    )


# What they are called in the table.
BY_DEFAULT = "10,000 recipients"
TEN_CONNECTIONS = "10,000 recipients, 10 connections"
A_THOUSAND = "1,000 recipients"
ONE = "one message"
FAULTS = "faults"
FIRST = "first message"
MEMORY = "100,000 recipients"

CASES = {
    BY_DEFAULT: broadcast(1000, 10_000),
    TEN_CONNECTIONS: broadcast(1000, 10_000, most_connections=10),
    A_THOUSAND: broadcast(1000, 1000, 1000, 1000, 1000),
    ONE: Case(
        "one_by_one",
        {"warm": WARM, "times": SINGLE_MESSAGES},
        ids=1,
        messages_each=WARM + SINGLE_MESSAGES,
        latency=0,
    ),
    FAULTS: broadcast(100, 1000, most_connections=10, faults=TRANSIENT_FAULTS),
    FIRST: Case("first_message", {}, ids=1, messages_each=1),
    MEMORY: broadcast(100_000, latency=1),
}
SIZES = {
    1,
    *(size for case in CASES.values() for size in case.arguments.get("sizes", ())),
}
