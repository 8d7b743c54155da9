"""Answer questions: `python -m benchmarks [QUESTION …]`, all of them where none is named."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks import cold_start, emulator_overhead, warm_events
from benchmarks.builds import make_build
from benchmarks.errors import BenchmarkError
from benchmarks.rounds import say
from benchmarks.runtime import ROOT
from gateway_emulator.errors import EmulatorError

QUESTIONS = {
    "cold_start": cold_start,
    "warm_events": warm_events,
    "emulator_overhead": emulator_overhead,
}
RESULTS = ROOT / "benchmarks" / "results"


def main(written: Sequence[str] | None = None) -> int:
    arguments = command_line().parse_args(written)
    names = arguments.question or list(QUESTIONS)
    try:
        with ExitStack() as stack:
            build = arguments.build or fresh_build(stack)
            for name in names:
                asked = QUESTIONS[name]
                report = asked.report(build, arguments.rounds or asked.ROUNDS)
                report.write(arguments.results, name, text=asked.__doc__ or "")
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
    add("--rounds", type=positive, metavar="N", help="how often (10 to 30 times)")
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
