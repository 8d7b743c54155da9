"""A command that cleans up: it shows how far it is, and prints what it has done."""

from collections.abc import Iterable, Mapping
from itertools import groupby

from django.core.management.base import BaseCommand, CommandError

from django_aws_api_gateway_websockets.cleanup import (
    CleanUpFailed,
    Done,
    Step,
    Tally,
    take,
)

from .progress_line import ProgressLine
from .watching import INTERRUPTED


class CleaningCommand(BaseCommand):
    def clean_up(self, steps: Mapping[str, Step]) -> None:
        tally = Tally(steps)
        try:
            for name, batches in groupby(take(steps), key=lambda done: done.step):
                self.watch(name, steps[name], batches, tally)
            tally.require_no_fault()
        except KeyboardInterrupt:
            raise CommandError(
                "Interrupted. What is done stays done, and the next time does the rest",
                returncode=INTERRUPTED,
            ) from None
        except CleanUpFailed as error:
            raise CommandError(str(error)) from error
        finally:
            self.print_counts(tally.counts)

    def watch(
        self, name: str, step: Step, batches: Iterable[Done], tally: Tally
    ) -> None:
        line = None
        for done in batches:
            if line is None and self.stderr.isatty():
                # Counted for whoever watches alone: it may take a moment.
                due = 0 if done.fault else step.due() + done.rows
                line = ProgressLine(self.stderr, due, name.replace("_", " "))
            tally.add(done)
            if line is not None:
                line.show(tally.counts[name])
        if line is not None:
            line.end()

    def count(self, steps: Mapping[str, Step]) -> None:
        """Print what there is to do, and write nothing."""
        counts = {name: count_of(name, step) for name, step in steps.items()}
        self.stdout.write("Only counted:")
        self.print_counts(counts)

    def print_counts(self, counts: Mapping[str, int]) -> None:
        for name, count in counts.items():
            self.stdout.write(f"{name.replace('_', ' ')}: {count}")


def count_of(name: str, step: Step) -> int:
    try:
        return step.due()
    except Exception as error:  # of the database, or of a session store
        raise CommandError(
            f"Nothing could be counted. {name}: {type(error).__name__}: {error}"
        ) from error
