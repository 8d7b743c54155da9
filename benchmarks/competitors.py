"""Who is compared with the peer: each in a warm process, with a database of its own."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from benchmarks.databases import on_database, own_databases
from benchmarks.peer_app import with_peers_app
from benchmarks.rounds import Sample
from benchmarks.runtime import FunctionProcess, running
from benchmarks.site import migrate, site, with_urls
from benchmarks.socket_life import Answers, Login, live, message_to_bare_view
from gateway_emulator.template.deployment import Function

LIVES_IN_A_ROUND = 10
OURS, PEER, BARE = "ours", "peer", "bare view"


@dataclass(frozen=True)
class Competitor:
    """An app on a database, how a socket lives with it, and its statements by kind."""

    app: str
    database: str
    live: Callable[[], Answers]
    statements: Mapping[str, int]

    @property
    def label(self) -> str:
        return f"{self.app}, {self.database}" if self.database else self.app

    @property
    def peer(self) -> str:
        return f"{PEER}, {self.database}"

    def measure(self) -> Sample:
        lives = [self.live() for _ in range(LIVES_IN_A_ROUND)]
        return {
            f"{kind}, {what}": [life[kind]["cost"][what] for life in lives]
            for kind in self.statements
            for what in ("CPU", "clock")
        }


def all_competitors(
    build: Path, folder: Path, stack: ExitStack
) -> Iterator[Competitor]:
    """Start everybody's process, which ends with the stack."""
    ours = with_urls(site(build), "listening_urls")
    apps = {OURS: ours, PEER: with_peers_app(ours, folder / "artifact")}
    addresses = {
        app: stack.enter_context(own_databases(f"benchmarks_{app}", folder))
        for app in apps
    }
    for database in addresses[OURS]:
        for app, function in apps.items():
            function = on_database(function, addresses[app][database])
            migrate(function)
            socket_life = partial(live, login=log_in(function))
            yield competitor(
                function, socket_life, app=app, database=database, stack=stack
            )
    on_sqlite = on_database(ours, addresses[OURS]["SQLite"])
    yield competitor(on_sqlite, message_to_bare_view, app=BARE, stack=stack)


def log_in(function: Function) -> Login:
    with running(replace(function, handler="listening_login.handler")) as process:
        answer = process.answer({})
    return Login(answer["session"], answer["csrf_token"])


def competitor(
    function: Function,
    life_in: Callable[[FunctionProcess], Answers],
    *,
    app: str,
    stack: ExitStack,
    database: str = "",
) -> Competitor:
    with running(replace(function, handler="measured.counted")) as process:
        life_in(process)  # so that what the first event looks up is not counted
        statements = {
            kind: answer["cost"]["statements"]
            for kind, answer in life_in(process).items()
        }
    process = stack.enter_context(running(replace(function, handler="measured.timed")))
    life_in(process)
    return Competitor(app, database, partial(life_in, process), statements)
