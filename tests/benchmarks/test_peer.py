"""What is said about an app beside its peer."""

from benchmarks.competitors import Competitor
from benchmarks.measurements import Series
from benchmarks.peer import Line
from benchmarks.rounds import Results

CPU = {"ours, SQLite": 2.0, "peer, SQLite": 4.0, "peer, another": 100.0, "bare view": 1}
RESULTS = Results(
    rounds=1,
    cases={
        label: {"message, CPU": Series([[cpu]]), "message, clock": Series([[3 * cpu]])}
        for label, cpu in CPU.items()
    },
)


def row_of(app: str, database: str, statements: int) -> tuple[str, ...]:
    competitor = Competitor(app, database, dict, {"message": statements})
    return tuple(Line("message", competitor, RESULTS).row)


def test_an_app_is_compared_with_the_peer_on_its_database_and_with_a_bare_view():
    label, cpu, clock, statements, beside_peer, beside_bare = row_of(
        "ours", "SQLite", 5
    )

    assert label == "message, ours, SQLite"
    assert cpu.startswith("2&nbsp;")
    assert clock.startswith("6&nbsp;")
    assert (statements, beside_peer, beside_bare) == ("5", "0.50", "2.00")


def test_a_bare_view_has_no_peer():
    assert row_of("bare view", "", 0)[-2:] == ("", "1.00")
