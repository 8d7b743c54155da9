"""What does the gateway emulator add to an event?

A function that does nothing answers an HTTP request, and a message on a socket, through the
emulator; and it answers such an event when a bare Runtime API hands it over. Both times it runs
warm in AWS's runtime client. Through the emulator the time begins when a client in Python begins
to send, on a connection that stays open, and ends when the answer is there: what the client and
loopback take is part of what is added.
"""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.chart import Bar, rounded
from benchmarks.events import event
from benchmarks.hello import hello_world
from benchmarks.hello_emulator import hello_client
from benchmarks.report import Report, Row, times
from benchmarks.rounds import Results, Sample, alternating
from benchmarks.runtime import FunctionProcess, compile_runtime, running

ROUNDS = 30
EVENTS_IN_A_ROUND = 20
HEAD = ("", "through the emulator", "the function alone", "the emulator adds")
WAYS = HEAD[1:3]
EVENTS = {"HTTP request": "page", "socket message": "websocket_message"}


def report(rounds: int) -> Report:
    compile_runtime()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        function = hello_world(folder)
        with hello_client(folder) as client, running(function) as process:
            through_emulator = {
                "HTTP request": client.request,
                "socket message": client.message,
            }
            measures = {
                kind: partial(measure, through_emulator[kind], process, event(name))
                for kind, name in EVENTS.items()
            }
            for once in measures.values():
                once()  # the first event starts the emulator's worker
            results = alternating("emulator_overhead", measures, rounds=rounds)
    return Report(
        head=HEAD,
        rows=[row(kind, results) for kind in EVENTS],
        bars=[bar(kind, way, results) for kind in EVENTS for way in WAYS],
        rounds=results.rounds,
    )


def measure(
    through_emulator: Callable[[], float], process: FunctionProcess, its_event: Any
) -> Sample:
    turns = range(EVENTS_IN_A_ROUND)
    pairs = [(through_emulator(), process.timed(its_event)) for _ in turns]
    return dict(zip(WAYS, zip(*pairs, strict=True), strict=True))


def row(kind: str, results: Results) -> Row:
    through_emulator, alone = (results.cases[kind][way] for way in WAYS)
    added = rounded(through_emulator.more_than(alone))
    return (kind, times(through_emulator.spread), times(alone.spread), added)


def bar(kind: str, way: str, results: Results) -> Bar:
    return Bar(f"{kind}, {way}", {way: results.cases[kind][way].spread.median})
