"""What is sent to be measured, and what is said about it."""

import sys
from pathlib import Path

import pytest

from benchmarks.measurements import Series
from benchmarks.sending_cases import FIRST, ONE, Case, broadcast
from benchmarks.sending_sides import OURS, PEER, Side, both_sides, without_app
from benchmarks.sending_stub import Certificates, make_certificates
from benchmarks.sending_table import Measure, with_what_is_over_django

ON_LINUX = pytest.mark.skipif(
    sys.platform != "linux", reason="epoll is there for Linux only"
)
BOTH = pytest.mark.parametrize("label", [PEER, OURS])
REPORT = {"taken": {"1": 110}, "most_connections": 10}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def sides(
    certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Side]:
    folder: Path = tmp_path_factory.mktemp("databases")
    return both_sides(folder, certificates.authority, {1, 2, 20})


@ON_LINUX
@BOTH
def test_a_broadcast_is_measured(sides, certificates, label: str):
    sample = broadcast(2, 20).measure(sides[label], certificates)

    assert set(sample) == {"CPU", "clock", "time", "rate", "memory", "stub"}
    assert all(value > 0 for values in sample.values() for value in values)
    [clock], [time], [rate] = sample["clock"], sample["time"], sample["rate"]
    assert time == pytest.approx(clock / 20)
    assert rate == pytest.approx(1000 / time)


@ON_LINUX
@BOTH
def test_single_messages_and_the_first_one_are_measured(
    sides, certificates, label: str
):
    singles = Case("one_by_one", {"warm": 1, "times": 3}, ids=1, messages_each=4)
    first = Case("first_message", {}, ids=1, messages_each=1)
    bare = without_app(sides[label]).run("no_message")["CPU"]

    assert len(singles.measure(sides[label], certificates)["CPU"]) == 3
    assert first.measure(sides[label], certificates)["CPU"][0] > 1000 * bare[0] > 0


@pytest.mark.parametrize(
    ("report", "responses", "wrong"),
    [
        ({}, 10, []),
        (
            {"taken": {"1": 109}},
            10,
            ["110 ids had to get 1 messages each, but 109 got 1"],
        ),
        (
            {"taken": {"1": 109, "2": 1}},
            10,
            ["110 ids had to get 1 messages each, but 109 got 1, 1 got 2"],
        ),
        ({"taken": {}}, 10, ["110 ids had to get 1 messages each, but nobody got one"]),
        ({"most_connections": 11}, 10, ["11 connections were open at once"]),
        ({}, 9, ["9 of 10 responses were returned"]),
    ],
)
def test_nobody_is_left_out_and_nobody_gets_it_twice(report, responses, wrong):
    case = broadcast(100, 10, most_connections=10)

    said = {"responses": responses}
    assert list(case.what_is_wrong(said, REPORT | report)) == wrong


def test_it_may_be_twice_where_connections_are_dropped():
    case = broadcast(100, 10, most_connections=10, faults={"dropped": 1})
    twice = REPORT | {"taken": {"1": 109, "2": 1}}

    assert list(case.what_is_wrong({"responses": 10}, twice)) == []


def test_a_warm_up_of_the_same_recipients_is_a_second_message_to_each():
    twice = REPORT | {"taken": {"2": 10}}

    assert list(broadcast(10, 10).what_is_wrong({"responses": 10}, twice)) == []


def cases_of(what: str, *, peer: float, ours: float):
    return {
        f"{ONE}, {PEER}": {what: Series([[peer]])},
        f"{ONE}, {OURS}": {what: Series([[ours]])},
    }


def test_more_messages_a_second_are_better():
    measure = Measure("speed", ONE, "rate", least=15, aim=22)

    assert list(measure.row(cases_of("rate", peer=635, ours=12_700))) == [
        "speed",
        "635&nbsp;(635&nbsp;to&nbsp;635)",
        "12700&nbsp;(12700&nbsp;to&nbsp;12700)",
        "20 ×",  # noqa: RUF001
        "15 ×",  # noqa: RUF001
        "22 ×",  # noqa: RUF001
    ]


def test_less_of_anything_else_is_better():
    measure = Measure("CPU", ONE, least=50)

    row = measure.row(cases_of("CPU", peer=1.5, ours=0.025))
    assert list(row[3:]) == ["1/60", "1/50", ""]


@pytest.mark.parametrize(
    ("what", "ours", "promised"),
    [
        ("CPU", 0.02, "1/50"),
        ("CPU", 0.0201, "1/50, missed"),
        ("rate", 50, "50 ×"),  # noqa: RUF001
        ("rate", 49.9, "50 ×, missed"),  # noqa: RUF001
    ],
)
def test_a_promise_that_is_not_kept_is_marked(what, ours, promised):
    measure = Measure("measured", ONE, what, least=50)

    assert measure.row(cases_of(what, peer=1, ours=ours))[4] == promised


def test_what_django_takes_is_subtracted_within_each_round():
    cases = {
        f"{FIRST}, peer": {"CPU": Series([[300], [600]])},
        f"{FIRST}, ours": {"CPU": Series([[160], [340]])},
        f"{FIRST}, bare Django": {"CPU": Series([[100], [200]])},
    }
    over = with_what_is_over_django(cases)

    assert over[f"{FIRST}, over Django, peer"]["CPU"].rounds == [[200], [400]]
    assert over[f"{FIRST}, over Django, ours"]["CPU"].rounds == [[60], [140]]
