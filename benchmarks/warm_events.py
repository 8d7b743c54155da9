"""How long does an event take in a warm function?

The artifact that `make build` makes answers one event after the other in a process of AWS's
runtime client. The time begins when the runtime client gets the event and ends when its answer
has come; API Gateway and the network are not in it. The database is on SQLite; the WSGI handlers
keep their connection to it, and the ASGI one opens it anew for each event that needs it.

* *page* is the chat page, rendered for a browser without a cookie.
* *connect* is a new socket: its origin is checked, and a row is written.
* *message* calls a handler that returns nothing; the session is read and its row updated.
* *message and reply* calls one that returns a dictionary. That is sent through the Management
  API, for which something on loopback stands in that takes it at once: what signing and sending cost
  the function is in the number, and AWS's time is not.

`http_api` gets events of the HTTP API and runs Django's WSGI application behind apig-wsgi;
`asgi_api` gets the same events and runs its ASGI application behind mangum; `websocket_api` gets
the WebSocket API's own events.
"""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.chart import Bar
from benchmarks.databases import databases, on_database
from benchmarks.events import directly, page, through_http
from benchmarks.management_api import answering_management_api
from benchmarks.report import Report, Row, times
from benchmarks.rounds import Results, Sample, alternating
from benchmarks.runtime import FunctionProcess, compile_runtime, running
from benchmarks.site import migrate, site, with_urls
from gateway_emulator.identifiers import new_connection_id
from gateway_emulator.template.deployment import Function

ROUNDS = 30
EVENTS_IN_A_ROUND = 10
HEAD = ("", "milliseconds", "/ http_api's")
# What makes a socket's event for a handler, and the integration that it belongs to.
HANDLERS = {
    "http_api": (through_http, "http"),
    "asgi_api": (through_http, "http"),
    "websocket_api": (directly, "lambda"),
}
KINDS = ("page", "connect", "message", "message and reply")
LISTEN = json.dumps({"handler": "listen"})
REPLY = json.dumps({"handler": "reply", "text": "hello"})


@dataclass(frozen=True)
class WarmEvent:
    """A kind of event, the handler that gets it, its process, and what makes a new one."""

    kind: str
    handler: str
    process: FunctionProcess
    new_event: Callable[[], Any]

    @property
    def label(self) -> str:
        return f"{self.kind}, {self.handler}"

    @property
    def peer(self) -> str:
        return f"{self.kind}, http_api"

    def measure(self) -> Sample:
        events = [self.new_event() for _ in range(EVENTS_IN_A_ROUND)]
        return {"event": [self.process.timed(each) for each in events]}


def report(build: Path, rounds: int) -> Report:
    compile_runtime()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        callback_url = stack.enter_context(answering_management_api())
        function = replying_site(build, folder, callback_url)
        migrate(function)
        events: list[WarmEvent] = []
        for handler in HANDLERS:
            process = stack.enter_context(running(with_handler(function, handler)))
            events += warm_events(handler, process)
        events.sort(key=lambda event: KINDS.index(event.kind))
        measures = {event.label: event.measure for event in events}
        results = alternating("warm_events", measures, rounds=rounds)
    return Report(
        head=HEAD,
        rows=[row(event, results) for event in events],
        bars=[bar(event, results) for event in events],
        rounds=results.rounds,
    )


def replying_site(build: Path, folder: Path, callback_url: str) -> Function:
    """The site with a view whose handlers do nothing but answer, or not even that."""
    function = on_database(site(build), databases(folder)["SQLite"])
    function = with_urls(function, "replies_urls")
    variables = {"WEBSOCKET_CALLBACK_URL": f"{callback_url}/production"}
    return replace(function, environment={**function.environment, **variables})


def with_handler(function: Function, handler: str) -> Function:
    _, integration = HANDLERS[handler]
    return replace(
        function,
        handler=f"lambda_handlers.{handler}.handler",
        environment={**function.environment, "WEBSOCKET_INTEGRATION": integration},
    )


def warm_events(handler: str, process: FunctionProcess) -> Iterator[WarmEvent]:
    """Yield each kind once the process has met it, and so has imported what it needs."""
    of_socket, _ = HANDLERS[handler]
    open_socket = new_connection_id()
    process.timed(of_socket("connect", open_socket))
    new_events: dict[str, Callable[[], Any]] = {
        "connect": lambda: of_socket("connect", new_connection_id()),
        "message": lambda: of_socket("message", open_socket, LISTEN),
        "message and reply": lambda: of_socket("message", open_socket, REPLY),
    }
    if of_socket is through_http:
        new_events["page"] = lambda: page("/")
    for kind, new_event in new_events.items():
        process.timed(new_event())
        yield WarmEvent(kind, handler, process, new_event)


def row(event: WarmEvent, results: Results) -> Row:
    series = results.cases[event.label]["event"]
    ratio = series.times(results.cases[event.peer]["event"])
    return (event.label, times(series.spread), f"{ratio:.2f}")


def bar(event: WarmEvent, results: Results) -> Bar:
    return Bar(
        event.label, {"event": results.cases[event.label]["event"].spread.median}
    )
