"""How long does a cold start take?

Init lasts from the start of a process until it asks for its first event, and the first request
until that event is answered. Each start is a fresh process of AWS's runtime client, in an
environment that holds what Lambda's own holds.

* *hello world* imports nothing: no Python function starts faster.
* *bare Django* is what `startproject` gives, with one page that opens a database connection,
  behind apig-wsgi. It is built as the site is, and the site's init is compared with its.
* *the site* is the artifact that `make build` makes. Its `/healthz` opens a connection
  too; `/` is the chat page.
* *not compiled* is the same without `.pyc` files. Lambda's /var/task is read-only, so Python
  compiles everything at each start. The runtime client and the standard library stay compiled, as
  Lambda's are: of *hello world* there are seven lines to compile, and its two rows differ by no
  more than chance.

What Lambda does before, fetching the artifact and starting the sandbox, is not in the numbers.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bare_django import bare_django
from benchmarks.builds import not_compiled
from benchmarks.chart import Bar
from benchmarks.databases import databases, on_database
from benchmarks.events import page
from benchmarks.hello import hello_world
from benchmarks.report import Report, Row, times
from benchmarks.rounds import Results, Sample, alternating
from benchmarks.runtime import compile_runtime, running
from benchmarks.site import site
from gateway_emulator.template.deployment import Function

ROUNDS = 10
HEAD = ("", "init", "first request", "init / bare Django's")


@dataclass(frozen=True)
class Start:
    """A function that is started for an event, and the label of its peer."""

    label: str
    function: Function
    event: Any
    peer: str | None = None

    def measure(self) -> Sample:
        with running(self.function) as process:
            first_request = process.timed(self.event)
        return {"init": [process.init], "first request": [first_request]}


def report(build: Path, rounds: int) -> Report:
    compile_runtime()
    # Beside the build, whose files it links to.
    with tempfile.TemporaryDirectory(dir=build.parent) as scratch:
        starts = list(all_starts(build, Path(scratch)))
        measures = {start.label: start.measure for start in starts}
        results = alternating("cold_start", measures, rounds=rounds)
    return Report(
        head=HEAD,
        rows=[row(start, results) for start in starts],
        bars=[Bar(start.label, medians(start, results)) for start in starts],
        rounds=results.rounds,
    )


def all_starts(build: Path, folder: Path) -> Iterator[Start]:
    """Make the functions, compiled and not compiled."""
    whole_site = site(build)
    compiled = [
        hello_world(folder / "hello"),
        bare_django(whole_site, folder / "bare"),
        whole_site,
    ]
    raw = [
        not_compiled(function, folder / f"raw-{number}")
        for number, function in enumerate(compiled)
    ]
    yield from starts_of(compiled, folder, "")
    yield from starts_of(raw, folder, ", not compiled")


def starts_of(
    functions: Sequence[Function], folder: Path, remark: str
) -> Iterator[Start]:
    hello, bare, whole_site = functions
    yield Start(f"hello world{remark}", hello, {})
    for database, url in databases(folder).items():
        remarks = f", {database}{remark}"
        peer = f"bare Django, /healthz{remarks}"
        peer_function = on_database(bare, url)
        function = on_database(whole_site, url)
        yield Start(peer, peer_function, page("/healthz"), peer)
        yield Start(f"the site, /healthz{remarks}", function, page("/healthz"), peer)
        yield Start(f"the site, /{remarks}", function, page("/"), peer)


def row(start: Start, results: Results) -> Row:
    init, first_request = results.cases[start.label].values()
    ratio = ""
    if start.peer:
        ratio = f"{init.times(results.cases[start.peer]['init']):.2f}"
    return (start.label, times(init.spread), times(first_request.spread), ratio)


def medians(start: Start, results: Results) -> dict[str, float]:
    return {
        name: series.spread.median
        for name, series in results.cases[start.label].items()
    }
