"""Answer questions: `python -m benchmarks [QUESTION …]`, all of them where none is named."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks import cold_start, emulator_overhead, peer, sending, warm_events
from benchmarks.builds import make_build
from benchmarks.errors import BenchmarkError
from benchmarks.report import Report
from benchmarks.rounds import MOST_SECONDS, say
from benchmarks.runtime import ROOT
from gateway_emulator.errors import EmulatorError

RESULTS = ROOT / "benchmarks" / "results"

Build = Callable[[], Path]  # a build's folder; what needs none does not ask for it


@dataclass(frozen=True)
class Question:
    """What is asked, in how many rounds it is answered, and what answers it."""

    text: str
    rounds: int
    report: Callable[[Build, int], Report]


QUESTIONS: Mapping[str, Question] = {
    "cold_start": Question(
        cold_start.__doc__,
        cold_start.ROUNDS,
        lambda build, rounds: cold_start.report(build(), rounds),
    ),
    "warm_events": Question(
        warm_events.__doc__,
        warm_events.ROUNDS,
        lambda build, rounds: warm_events.report(build(), rounds),
    ),
    "peer": Question(
        peer.__doc__,
        peer.ROUNDS,
        lambda build, rounds: peer.report(build(), rounds),
    ),
    "sending": Question(
        sending.__doc__,
        sending.ROUNDS,
        lambda _, rounds: sending.report(rounds),
    ),
    "emulator_overhead": Question(
        emulator_overhead.__doc__,
        emulator_overhead.ROUNDS,
        lambda _, rounds: emulator_overhead.report(rounds),
    ),
}


def main(written: Sequence[str] | None = None) -> int:
    arguments = command_line().parse_args(written)
    names = arguments.question or list(QUESTIONS)
    try:
        with ExitStack() as stack:
            build = cache(lambda: arguments.build or fresh_build(stack))
            for name in names:
                asked = QUESTIONS[name]
                report = asked.report(build, arguments.rounds or asked.rounds)
                report.write(arguments.results, name, text=asked.text)
                say(f"{name}: {arguments.results / name}.md")
    except (BenchmarkError, EmulatorError) as error:
        say(str(error))
        return 1
    return 0


def fresh_build(stack: ExitStack) -> Path:
    """Build the functions into a folder that goes when the stack ends."""
    say("Building the functions …")
    build = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "build"
    make_build(build)
    return build


def command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure, and write down what it was."
    )
    add = parser.add_argument
    add(
        "question",
        nargs="*",
        type=question,
        metavar="QUESTION",
        help=f"{', '.join(QUESTIONS)} (all)",
    )
    add(
        "--rounds",
        type=positive,
        metavar="N",
        help="how often (3 to 30 times); a question that would take more than"
        f" {MOST_SECONDS} seconds ({sending.MOST_SECONDS} for sending) ends after fewer"
        " rounds",
    )
    add(
        "--build",
        type=Path,
        metavar="FOLDER",
        help="what `make build` has built for this machine (built now)",
    )
    add(
        "--results",
        type=Path,
        default=RESULTS,
        metavar="FOLDER",
        help="where the tables and charts are written (benchmarks/results)",
    )
    return parser


def question(text: str) -> str:
    if text not in QUESTIONS:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(QUESTIONS)}")
    return text


def positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of rounds (1 or more)")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
